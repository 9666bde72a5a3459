import type { Store } from './store.js';

/**
 * A store lent to one invocation; after `end` every use of it throws. A handler that timed out may still be running: without the
 * lease its late writes would end up in the next batch.
 */
export class LeasedStore<Value> implements Store<Value> {
  #store: Store<Value> | undefined;

  constructor(store: Store<Value>) {
    this.#store = store;
  }

  get size(): number {
    return this.#held().size;
  }

  // A handler may take these methods from the store and call them by themselves.
  readonly get = (key: string): Value | undefined => this.#held().get(key);
  readonly set = (key: string, value: Value): void => this.#held().set(key, value);
  readonly delete = (key: string): void => this.#held().delete(key);
  readonly entries = (): IterableIterator<[string, Value]> => this.#held().entries();

  end(): void {
    this.#store = undefined;
  }

  #held(): Store<Value> {
    if (this.#store === undefined) throw new Error('this invocation has ended: its store is closed');
    return this.#store;
  }
}
