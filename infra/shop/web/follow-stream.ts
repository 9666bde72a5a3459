import type { ConsumeMessage } from 'amqplib';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { Poller } from '../../../lib/rabbitmq/consuming/poller.js';
import type { ReadContext } from '../../../lib/shop/floor/read-message.js';

const LIMITS = { maxMessages: 512, maxBytes: 8 * 1024 * 1024 };

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** The next one comes when it is done with this. */
  readonly onMessages: (messages: readonly ConsumeMessage[]) => void | Promise<void>;
  /** Nothing came for `quietMs`: a stream does not say where its past ends. */
  readonly onQuiet?: () => void;
  readonly quietMs?: number;
}

/** Reads a stream from its first message on, until the signal aborts. @throws ChannelGoneError */
export async function followStream(
  connection: Connection,
  stream: string,
  { signal, onMessages, onQuiet, quietMs = 0 }: FollowOptions,
): Promise<void> {
  const poller = await Poller.open(connection, stream, {
    prefetch: LIMITS.maxMessages,
    arguments: { 'x-stream-offset': 'first' },
  });
  let quiet = onQuiet;
  while (!signal.aborted) {
    if (quiet !== undefined && (await poller.quiet(quietMs, signal))) {
      quiet();
      quiet = undefined;
    }
    const messages = await poller.take(LIMITS, signal);
    if (messages.length === 0) break;
    await onMessages(messages);
    poller.acknowledge(messages);
  }
  await poller.close();
}

/** What is known of a message only where it is read. */
export function readingOf(stream: string, { properties }: ConsumeMessage): ReadContext {
  return { key: `${stream} ${properties.headers?.['x-stream-offset']}`, now: Date.now() };
}
