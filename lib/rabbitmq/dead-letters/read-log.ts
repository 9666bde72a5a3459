import { decodeLogEntry, type LogEntry } from '../../dead-letters/log-entry.js';
import { exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { readStream } from '../consuming/read-stream.js';
import { lastOffset } from '../consuming/stream-end.js';

/** A stream that holds more but sends nothing for this long has a problem. */
const STALLED_MS = 10_000;
const PREFETCH = 1_000;

export interface LogRead {
  readonly entries: readonly LogEntry[];
  /** Where to continue. */
  readonly next: number;
}

/**
 * Reads the log of dead letters from an offset to its current end; a missing log is empty.
 * @throws ChannelGoneError; Error if it does not send what it holds
 */
export async function readLog(
  connection: Connection,
  log: string,
  from: number,
  signal: AbortSignal,
): Promise<LogRead> {
  const entries: LogEntry[] = [];
  let next = from;
  if (!(await exists(connection, (channel) => channel.checkQueue(log)))) return { entries, next };
  const last = await lastOffset(connection, log, signal);
  if (last < from) return { entries, next };
  const onQuiet = (): never => {
    throw new Error(`${log} sends nothing: ${next} of ${last} read`);
  };
  for await (const messages of readStream(connection, log, {
    from,
    signal,
    prefetch: PREFETCH,
    quietMs: STALLED_MS,
    onQuiet,
  })) {
    for (const message of messages) {
      next = offsetOf(message) + 1;
      const entry = decodeLogEntry(message.content.toString());
      if (entry !== undefined) entries.push(entry);
    }
    if (next > last) break;
  }
  return { entries, next };
}
