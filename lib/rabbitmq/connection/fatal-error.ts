/** Ends a runner for good, because reconnecting would not help. */
export class FatalError extends Error {
  override readonly name: string = 'FatalError';
}

/** A queue cannot be served until someone changes the service or the broker; other queues can. */
export class UnservableError extends FatalError {
  override readonly name = 'UnservableError';
}
