/** One thing that a service will find otherwise on AWS, or that is often taken for other and is not. */
export interface Finding {
  /** Missing where it is about the whole service. */
  readonly function?: string;
  /** Where it is about one event of the function. */
  readonly queue?: string;
  readonly what: string;
  readonly differs: boolean;
  readonly here: string;
  readonly onAws: string;
  /** What can be done about it. */
  readonly advice?: string;
}

/** Of AWS's own examples. */
export const NO_ACCOUNT = '000000000000';
