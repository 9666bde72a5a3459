/** A histogram. Counts are per bucket rather than cumulative; the last bucket has no upper bound. */
export interface HistogramState {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Messages per invocation; each bound belongs to the bucket below it. */
export const BATCH_SIZE_BOUNDS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

/** Seconds per invocation. */
export const HANDLER_SECONDS_BOUNDS: readonly number[] = [
  0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Counts observations by size. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const found = this.#bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? this.#bounds.length : found;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  get state(): HistogramState {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}
