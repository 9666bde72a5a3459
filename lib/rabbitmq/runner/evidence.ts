/** What one batch has shown about its handler: whether it works for any message, and since when it has worked for none. */
export class Evidence {
  #works = false;
  #failingSince: number | undefined;

  /** A message got through. */
  works(): void {
    this.#works = true;
    this.#failingSince = undefined;
  }

  /** More than one message was tried and none got through. */
  fails(): void {
    this.#works = false;
    this.suspect();
  }

  /** One message failed: the beginning of an outage, if nothing gets through from now on. */
  suspect(): void {
    this.#failingSince ??= performance.now();
  }

  /** Whether something got through since the handler last failed at everything. */
  get saysWorks(): boolean {
    return this.#works;
  }

  /** How long nothing has got through. */
  get failingMs(): number {
    return this.#failingSince === undefined ? 0 : performance.now() - this.#failingSince;
  }
}
