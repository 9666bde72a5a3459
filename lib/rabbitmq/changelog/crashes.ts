/**
 * How often the process ended while it was handling a message, by the message's identity. A broker cannot distinguish that from a
 * message that was returned because of an outage, or because the process never got to it.
 */
export class CrashCounts {
  readonly #counts = new Map<string, number>();

  of(identity: string): number {
    return this.#counts.get(identity) ?? 0;
  }

  set(identity: string, count: number): void {
    // Stryker disable next-line ConditionalExpression: a count of 0 is kept as none to save memory
    if (count === 0) this.#counts.delete(identity);
    else this.#counts.set(identity, count);
  }

  /**
   * A handled message is no longer blamed for anything. There is hardly ever a count, and a million messages may have been
   * handled.
   */
  acquit(identities: Iterable<string>): void {
    // Stryker disable next-line ConditionalExpression: only faster
    if (this.#counts.size === 0) return;
    for (const identity of identities) this.#counts.delete(identity);
  }

  clear(): void {
    this.#counts.clear();
  }
}
