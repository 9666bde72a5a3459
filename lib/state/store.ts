/** What a handler can remember between invocations: one queue's memory. Only the handler of that queue sees it. */
export interface Store<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, Value]>;
}

/** One change of a batch; if `value` is undefined, the key was deleted. */
export interface StoreChange<Value> {
  readonly key: string;
  readonly value: Value | undefined;
}
