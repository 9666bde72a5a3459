export interface ChangelogSettings {
  /** The maximum size of the stream; a snapshot may take a quarter of it. Fixed once the stream exists. Default 512 MiB. */
  readonly retentionBytes?: number;
  /** The number of recently handled identities that are remembered. Default 100,000. */
  readonly handledWindow?: number;
  /**
   * Keys that sign every record, at least 32 characters each, read at each connection: the first one signs, all verify. From then
   * on records without a valid signature are skipped, so all runners of the queue must have the keys. Default: none.
   */
  readonly keys?: () => readonly string[] | Promise<readonly string[]>;
  /**
   * Whether a value that is read back is one that the handler may have stored; other values are skipped. Default: all are
   * accepted.
   */
  readonly isValue?: (value: unknown) => boolean;
}
