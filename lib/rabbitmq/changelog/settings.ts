export interface ChangelogSettings {
  /** What the stream may hold; a snapshot may take a quarter of it. Fixed once the stream exists. Default 512 MiB. */
  readonly retentionBytes?: number;
  /** How many of the newest identities are remembered. Default 100,000. */
  readonly handledWindow?: number;
}

export const DEFAULT_RETENTION_BYTES = 512 * 1024 * 1024;
export const DEFAULT_HANDLED_WINDOW = 100_000;
