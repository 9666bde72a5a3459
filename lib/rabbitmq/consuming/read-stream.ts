import type { ConsumeMessage } from 'amqplib';
import type { Connection } from '../connection/connection.js';
import { Poller } from './poller.js';

export interface ReadStreamOptions {
  /** The offset of the first message that is read. */
  readonly from: 'first' | number;
  /** Ends the reading. Default: only its reader does. */
  readonly signal?: AbortSignal;
  /** The maximum number of messages in transit. Default 512. */
  readonly prefetch?: number;
  /**
   * Called whenever nothing has arrived for `quietMs`: a stream does not mark where its past ends. If it throws, the reading
   * ends.
   */
  readonly onQuiet?: () => void;
  readonly quietMs?: number;
}

const MAX_BYTES = 8 * 1024 * 1024;
const MiB = 1024 * 1024;

/**
 * Reads a stream, some messages at a time, for as long as they are taken.
 * @example
 * for await (const messages of readStream(connection, 'audit', { from: 'first', signal })) store(messages);
 * @throws ChannelGoneError; RefusedError if the stream is missing, or may not be read
 */
export async function* readStream(
  connection: Connection,
  stream: string,
  { from, signal = new AbortController().signal, prefetch = 512, onQuiet, quietMs = 0 }: ReadStreamOptions,
): AsyncGenerator<readonly ConsumeMessage[], void> {
  const poller = await Poller.open(connection, stream, { prefetch, arguments: { 'x-stream-offset': from } });
  // While some are being read, the others are in transit.
  const limits = { maxMessages: Math.ceil(prefetch / 4), maxBytes: MAX_BYTES };
  let read = 0;
  let bytes = 0;
  try {
    while (!signal.aborted) {
      if (onQuiet !== undefined && (await poller.quiet(quietMs, signal))) onQuiet();
      const messages = await poller.take(limits, signal);
      if (messages.length === 0) return;
      yield messages;
      read += messages.length;
      bytes += messages.reduce((sum, { content }) => sum + content.length, 0);
      // An acknowledgement only makes room for more, and each one is a write here and a frame that the broker has to read.
      if (read < limits.maxMessages && bytes < MiB) continue;
      poller.acknowledgeUpTo(messages.at(-1) as ConsumeMessage);
      read = 0;
      bytes = 0;
    }
  } finally {
    await poller.close();
  }
}
