/**
 * The newest identities handled, at most `limit`. There is a ring next to the set, because finding the oldest member of a
 * JavaScript Set does not take constant time: it steps over everything that was deleted before it.
 */
export class HandledWindow {
  readonly limit: number;
  readonly #members = new Set<string>();
  #ring: string[] = [];
  #oldest = 0;

  constructor(limit = 100_000) {
    this.limit = limit;
  }

  get size(): number {
    return this.#members.size;
  }

  has(identity: string): boolean {
    return this.#members.has(identity);
  }

  /** An identity that is already there keeps its place. */
  add(identity: string): void {
    if (this.limit === 0) return;
    const { size } = this.#members;
    // One lookup instead of two, because a hundred thousand members do not fit into any cache.
    if (this.#members.add(identity).size === size) return;
    this.#members.delete(this.#ring[this.#oldest] as string);
    this.#ring[this.#oldest] = identity;
    this.#oldest = (this.#oldest + 1) % this.limit;
  }

  clear(): void {
    this.#members.clear();
    this.#ring = [];
    this.#oldest = 0;
  }

  /** The newest identities, oldest first: at most this share of the limit. */
  newest(share: number): string[] {
    return [...this].slice(-Math.max(1, Math.floor(this.limit * share)));
  }

  /** Oldest first. */
  *[Symbol.iterator](): IterableIterator<string> {
    for (let index = 0; index < this.#ring.length; index++) {
      yield this.#ring[(this.#oldest + index) % this.#ring.length] as string;
    }
  }
}
