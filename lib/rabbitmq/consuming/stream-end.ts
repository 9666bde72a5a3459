import type { Connection } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { Poller } from './poller.js';

/** If a stream sends nothing within this time, it holds nothing more. */
const EMPTY_MS = 250;
const PREFETCH = 1_000;

/**
 * The offset of the newest message of a stream, -1 if it is empty. AMQP does not say where a stream ends, but its last chunk can
 * be read.
 * @throws ChannelGoneError
 */
export async function lastOffset(connection: Connection, stream: string, signal: AbortSignal): Promise<number> {
  const poller = await Poller.open(connection, stream, {
    prefetch: PREFETCH,
    arguments: { 'x-stream-offset': 'last' },
  });
  try {
    if (await poller.quiet(EMPTY_MS, signal)) return -1;
    let last = -1;
    let taken = PREFETCH;
    // A chunk may be larger than what is in transit at once.
    while (taken === PREFETCH && !signal.aborted) {
      // Its first message may arrive alone, and the others a moment later.
      await poller.caughtUp();
      if (poller.waiting.length === 0) break;
      const messages = await poller.take({ maxMessages: PREFETCH, maxBytes: Number.POSITIVE_INFINITY }, signal);
      last = Math.max(last, ...messages.map(offsetOf));
      poller.acknowledge(messages);
      taken = messages.length;
    }
    return last;
  } finally {
    await poller.close();
  }
}
