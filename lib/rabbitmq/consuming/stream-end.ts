import type { Connection } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { Poller } from './poller.js';

/** What a stream does not send within it, it does not hold. */
const EMPTY_MS = 250;
const PREFETCH = 1_000;

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
    let last = -1;
    let taken = PREFETCH;
    // A chunk may be larger than what is on its way at once.
    while (taken === PREFETCH && !signal.aborted) {
      // Its first message may come by itself, and the others a moment later.
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
