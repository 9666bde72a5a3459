export interface ChangelogSettings {
  /** What the stream may hold; a snapshot may take a quarter of it. Fixed once the stream exists. Default 512 MiB. */
  readonly retentionBytes?: number;
  /** How many of the newest identities are remembered. Default 100,000. */
  readonly handledWindow?: number;
  /**
   * Keys that sign every record, 32 characters or more each, asked for at each connection: the first signs, all verify. From then on
   * records without a signature of theirs are skipped, so all runners of the queue must have them. Default: none.
   */
  readonly keys?: () => readonly string[] | Promise<readonly string[]>;
  /** Whether a value that is read back is one that the handler may have stored; one that is not is skipped. Default: all are. */
  readonly isValue?: (value: unknown) => boolean;
}

export const DEFAULT_RETENTION_BYTES = 512 * 1024 * 1024;
export const DEFAULT_HANDLED_WINDOW = 100_000;
