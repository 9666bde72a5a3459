import type { Store, StoreChange } from './store.js';

/**
 * An in-memory store whose changes belong to the running batch until `commit`. Every operation is O(1), except `entries` and
 * those that scale with the number of staged changes. Values are stored as they are: replace them with `set`, never modify one in
 * place.
 */
export class StagedStore<Value> implements Store<Value> {
  readonly #committed = new Map<string, Value>();
  /** `undefined` marks a key that the batch deleted. */
  readonly #staged = new Map<string, Value | undefined>();
  #size = 0;
  #onWrite: ((key: string, before: Value | undefined) => void) | undefined;

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#staged.has(key) ? this.#staged.get(key) : this.#committed.get(key);
  }

  /** @throws TypeError for `undefined`, which marks a deletion */
  set(key: string, value: Value): void {
    if (value === undefined) throw new TypeError('a store cannot hold undefined; use delete');
    if (this.get(key) === undefined) this.#size++;
    this.#staged.set(key, value);
  }

  delete(key: string): void {
    if (this.get(key) === undefined) return;
    this.#size--;
    if (this.#committed.has(key)) this.#staged.set(key, undefined);
    else this.#staged.delete(key);
  }

  /** All entries as the batch sees them: committed ones first, then keys that the batch added. */
  *entries(): IterableIterator<[string, Value]> {
    for (const [key, value] of this.#committed) {
      if (!this.#staged.has(key)) yield [key, value];
      else {
        const staged = this.#staged.get(key);
        if (staged !== undefined) yield [key, staged];
      }
    }
    for (const [key, value] of this.#staged) {
      if (value !== undefined && !this.#committed.has(key)) yield [key, value];
    }
  }

  /** All entries as the last batch left them. */
  committed(): IterableIterator<[string, Value]> {
    return this.#committed.entries();
  }

  /** What the batch has changed so far, at most one change per key. */
  changes(): StoreChange<Value>[] {
    return Array.from(this.#staged, ([key, value]) => ({ key, value }));
  }

  commit(): void {
    for (const [key, value] of this.#staged) this.#write(key, value);
    this.#staged.clear();
  }

  rollback(): void {
    this.#staged.clear();
    this.#size = this.#committed.size;
  }

  /**
   * Applies changes that are already permanent, as a recovery does.
   * @throws Error while a batch has staged changes
   */
  apply(changes: Iterable<StoreChange<Value>>): void {
    if (this.#staged.size > 0) throw new Error('changes cannot be applied while a batch runs');
    for (const { key, value } of changes) this.#write(key, value);
    this.#size = this.#committed.size;
  }

  /** Clears everything, staged or not: the state before a recovery. */
  clear(): void {
    this.#committed.clear();
    this.rollback();
  }

  /** @param told called for each entry right before it is committed, with its previous value; the last one set is used */
  tellWrites(told: (key: string, before: Value | undefined) => void): void {
    this.#onWrite = told;
  }

  #write(key: string, value: Value | undefined): void {
    this.#onWrite?.(key, this.#committed.get(key));
    if (value === undefined) this.#committed.delete(key);
    else this.#committed.set(key, value);
  }
}
