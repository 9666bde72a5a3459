import type { Store } from './store.js';

/** A store handed to one invocation; after `end` every use of it throws. */
export interface Lease<Value> {
  readonly store: Store<Value>;
  end(): void;
}

/**
 * Lends a store to one invocation. A handler that timed out may still run: without the lease its late writes would
 * land in the batch of its successor.
 */
export function leaseStore<Value>(store: Store<Value>): Lease<Value> {
  let ended = false;
  const held = (): Store<Value> => {
    if (ended) throw new Error('this invocation has ended: its store is closed');
    return store;
  };
  return {
    store: {
      get size() {
        return held().size;
      },
      get: (key) => held().get(key),
      set: (key, value) => held().set(key, value),
      delete: (key) => held().delete(key),
      entries: () => held().entries(),
    },
    end: () => {
      ended = true;
    },
  };
}
