/** One thing that differs on AWS for a service, or that is often thought to differ but does not. */
export interface Finding {
  /** Missing if it is about the whole service. */
  readonly function?: string;
  /** Set if it is about one event of the function. */
  readonly queue?: string;
  readonly what: string;
  readonly differs: boolean;
  readonly here: string;
  readonly onAws: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** From AWS's own examples. */
export const NO_ACCOUNT = '000000000000';
