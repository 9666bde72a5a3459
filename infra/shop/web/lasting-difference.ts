/** What is on its way, or told a moment later, makes no lasting difference. */
const LOOKS = 3;

/** Tells how far two counts that should be the same lastingly disagree. */
export class LastingDifference {
  readonly #lately: number[] = [];

  /** @returns the least of the last few differences that have the same sign; 0 where they do not, or are too few */
  look(difference: number): number {
    this.#lately.push(difference);
    if (this.#lately.length > LOOKS) this.#lately.shift();
    if (this.#lately.length < LOOKS) return 0;
    return Math.max(0, Math.min(...this.#lately)) + Math.min(0, Math.max(...this.#lately));
  }
}
