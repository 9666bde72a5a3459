/** What a handler may remember between invocations: one queue's memory. Only the handler of that queue sees it. */
export interface Store<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, Value]>;
}

/** One change of a batch; `value` undefined means that the key was deleted. */
export interface StoreChange<Value> {
  readonly key: string;
  readonly value: Value | undefined;
}
