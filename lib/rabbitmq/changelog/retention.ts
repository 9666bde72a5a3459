/** Bytes that the broker adds to each record (properties, annotations, its share of a chunk's header), rounded up. */
const RECORD_OVERHEAD_BYTES = 256;

const MiB = 1024 * 1024;

/** The sizes of one changelog, all in bytes, all derived from how much the stream may hold. */
export interface Retention {
  readonly retentionBytes: number;
  /** The broker drops whole segments, so the least it keeps is the retention minus one segment. */
  readonly segmentBytes: number;
  readonly maxRecordBytes: number;
  readonly maxPartBytes: number;
  /** The maximum size of a snapshot: the last one, the same amount of batches, and the next one must all fit. */
  readonly maxSnapshotBytes: number;
  /** A snapshot is due when this much was written after the last one. */
  readonly snapshotEveryBytes: number;
}

export function retentionOf(retentionBytes = 512 * MiB): Retention {
  const sixteenth = Math.floor(retentionBytes / 16);
  return {
    retentionBytes,
    segmentBytes: sixteenth,
    maxRecordBytes: Math.min(1_000_000, sixteenth),
    maxPartBytes: Math.min(MiB / 4, Math.floor(sixteenth / 4)),
    maxSnapshotBytes: Math.floor(retentionBytes / 4),
    snapshotEveryBytes: Math.floor(retentionBytes / 4),
  };
}

/** The share of the maximum record size to aim for: messages of one queue vary a little. */
const LIKELY = 0.9;

/**
 * How many bytes a batch may have so that its record is likely to fit, according to the last record and its batch. A batch whose
 * record is too large is decided twice.
 */
export function batchBytesThatFit(
  { maxRecordBytes }: Retention,
  lastRecordBytes: number,
  lastBatchBytes: () => number,
): number {
  const bytes = lastRecordBytes < maxRecordBytes / 4 ? 0 : lastBatchBytes();
  return bytes === 0 ? Number.POSITIVE_INFINITY : (LIKELY * bytes * maxRecordBytes) / lastRecordBytes;
}

/** Counts what a stream holds since the last complete snapshot, as its owner writes or a reader reads it. */
export class LogSize {
  #sinceBegin = 0;
  #sinceEnd = 0;
  #open: number | undefined;

  add(contentBytes: number): void {
    this.#sinceBegin += recordBytes(contentBytes);
    this.#sinceEnd += recordBytes(contentBytes);
  }

  /** Call before adding the begin mark. */
  snapshotBegins(): void {
    this.#open = this.#sinceBegin;
  }

  /** Call after adding the end mark. */
  snapshotEnds(): void {
    this.#sinceBegin -= this.#open ?? 0;
    this.#sinceEnd = 0;
    this.#open = undefined;
  }

  clear(): void {
    this.#sinceBegin = 0;
    this.#sinceEnd = 0;
    this.#open = undefined;
  }

  /** The bytes that a recovery needs: the last complete snapshot and everything after it. */
  get needed(): number {
    return this.#sinceBegin;
  }

  get sinceSnapshot(): number {
    return this.#sinceEnd;
  }
}

/** Why a snapshot of this size must not be written, if that is so: it would push out what could not be replaced. */
export function refusal(retention: Retention, size: LogSize, snapshotBytes: number): string | undefined {
  const { maxSnapshotBytes, retentionBytes, segmentBytes } = retention;
  if (snapshotBytes > maxSnapshotBytes) {
    return `a snapshot has ${snapshotBytes} bytes, more than a quarter of the retention of ${retentionBytes}`;
  }
  if (size.needed + snapshotBytes > retentionBytes - segmentBytes) {
    return `a snapshot of ${snapshotBytes} bytes would push out the last one: ${size.needed} bytes stand after it, and the retention is ${retentionBytes}`;
  }
  return undefined;
}

/** The space that one record or part takes in the stream. */
export function recordBytes(contentBytes: number): number {
  return contentBytes + RECORD_OVERHEAD_BYTES;
}
