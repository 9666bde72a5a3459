import type { Connection } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { Poller } from './poller.js';

/** What a stream does not send within it, it does not hold. */
const EMPTY_MS = 250;
const PREFETCH = 1_000;
const MAX_BYTES = 6 * 1024 * 1024;

/**
 * The offset of the newest message of a stream, -1 where it is empty. Nothing in AMQP tells where a stream ends, but it can be
 * read from its last chunk.
 * @throws ChannelGoneError
 */
export async function lastOffset(connection: Connection, stream: string, signal: AbortSignal): Promise<number> {
  const poller = await Poller.open(connection, stream, {
    prefetch: PREFETCH,
    arguments: { 'x-stream-offset': 'last' },
  });
  try {
    if (await poller.quiet(EMPTY_MS, signal)) return -1;
    const messages = await poller.take({ maxMessages: PREFETCH, maxBytes: MAX_BYTES }, signal);
    return Math.max(-1, ...messages.map(offsetOf));
  } finally {
    await poller.close();
  }
}
