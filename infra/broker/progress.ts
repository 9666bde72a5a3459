/** One line about a start that takes a while; `done` of `total` if that can be counted. */
export interface Progress {
  readonly step: string;
  readonly done?: number;
  readonly total?: number;
}

export type ReportProgress = (line: Progress) => void;
