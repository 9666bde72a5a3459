import { decodeLogEntry, type LogEntry } from '../../dead-letters/log-entry.js';
import { exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { Poller } from '../polling/poller.js';

/** Nothing in AMQP tells where a stream ends; what it holds comes without a pause. */
const QUIET_MS = 500;
const PREFETCH = 1_000;
const MAX_BYTES = 6 * 1024 * 1024;

export interface LogRead {
  readonly entries: readonly LogEntry[];
  /** Where to go on. */
  readonly next: number;
}

/** Reads the log of dead letters from an offset to its end; one that does not exist is empty. @throws ChannelGoneError */
export async function readLog(
  connection: Connection,
  log: string,
  from: number,
  signal: AbortSignal,
): Promise<LogRead> {
  const entries: LogEntry[] = [];
  let next = from;
  if (!(await exists(connection, (channel) => channel.checkQueue(log)))) return { entries, next };
  const poller = await Poller.open(connection, log, { prefetch: PREFETCH, arguments: { 'x-stream-offset': from } });
  try {
    while (!signal.aborted && !(await poller.quiet(QUIET_MS, signal))) {
      const messages = await poller.take({ maxMessages: PREFETCH / 2, maxBytes: MAX_BYTES }, signal);
      for (const { content, properties } of messages) {
        next = Number(properties.headers?.['x-stream-offset']) + 1;
        const entry = decodeLogEntry(content.toString());
        if (entry !== undefined) entries.push(entry);
      }
      poller.acknowledge(messages, true);
    }
  } finally {
    await poller.close();
  }
  return { entries, next };
}
