const REMEMBERED = 20_000;

/** Remembers the latest identities to recognize repeats: the workers promise "at least once", not "once". */
export class RecentIds {
  readonly #ids = new Set<string>();

  /** Whether this identity is new, which it then no longer is. Without an identity nothing is a repeat. */
  isNew(id: string | undefined): boolean {
    if (id === undefined) return true;
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > REMEMBERED) {
      const [oldest] = this.#ids;
      this.#ids.delete(oldest as string);
    }
    return true;
  }
}
