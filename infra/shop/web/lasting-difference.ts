/** A difference that is in transit, or is reported a moment later, does not last. */
const LOOKS = 3;

/** Computes by how much two counts that should be equal differ lastingly. */
export class LastingDifference {
  readonly #lately: number[] = [];

  /** @returns the smallest of the last few differences if they have the same sign; otherwise, or if there are too few, 0 */
  look(difference: number): number {
    this.#lately.push(difference);
    if (this.#lately.length > LOOKS) this.#lately.shift();
    if (this.#lately.length < LOOKS) return 0;
    return Math.max(0, Math.min(...this.#lately)) + Math.min(0, Math.max(...this.#lately));
  }
}
