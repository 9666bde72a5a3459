const REMEMBERED = 20_000;

/** Remembers the newest identities, to tell a repeat: the workers promise "at least once", not "once". */
export class RecentIds {
  readonly #ids = new Set<string>();

  /** Whether this identity is new; from now on it is not. Without an identity nothing is a repeat. */
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
