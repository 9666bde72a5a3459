import type { ConsumeMessage } from 'amqplib';
import { NO_STREAMS } from '../connection/amazon-mq.js';
import { ChannelGoneError, exists, onOwnChannel, openChannel, replyCode } from '../connection/channel.js';
import { type Connection, FatalError, UnservableError } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import type { Retention } from './retention.js';

const PRECONDITION_FAILED = 406;
/** A stream is read with acknowledgements for credit. Few at a time: a record may be a megabyte. */
const PREFETCH = 128;
const STALLED_AFTER_MS = 30_000;

/** The stream that keeps a queue's memory. */
export function changelogOf(queue: string): string {
  return `${queue}.changelog`;
}

export interface StreamEntry {
  readonly offset: number;
  readonly content: Buffer;
}

/**
 * Declares the stream. True where it was not there before: it is young now (see young-queues.ts).
 *
 * An exchange of the same name, which nobody uses, is declared with it: it shows that the stream has been here, should it
 * be deleted. Nothing else in AMQP tells that from a first start.
 * @throws FatalError if it was deleted, or exists with another retention, which would make every promise about snapshots
 *   void.
 */
export async function declareStream(connection: Connection, stream: string, retention: Retention): Promise<boolean> {
  if (connection.isAmazonMq) {
    throw new UnservableError(
      `the memory of its queue would be kept in the stream ${stream}, and ${NO_STREAMS}. Keep it in a database, without a changelog`,
    );
  }
  const args = {
    'x-queue-type': 'stream',
    'x-max-length-bytes': retention.retentionBytes,
    'x-stream-max-segment-size-bytes': retention.segmentBytes,
  };
  try {
    const isThere = await exists(connection, (channel) => channel.checkQueue(stream));
    if (!isThere && (await exists(connection, (channel) => channel.checkExchange(stream)))) throw deleted(stream);
    await onOwnChannel(connection, async (channel) => {
      await channel.assertQueue(stream, { durable: true, arguments: args });
      await channel.assertExchange(stream, 'fanout', { durable: true });
    });
    return !isThere;
  } catch (cause) {
    if (replyCode(cause) !== PRECONDITION_FAILED) throw cause;
    const said = (cause as Error).message;
    throw new FatalError(`${stream} exists with other arguments; set the same retention here: ${said}`, { cause });
  }
}

function deleted(stream: string): FatalError {
  return new FatalError(
    `${stream} has been here, as the exchange of the same name shows, and was deleted: what it held is lost. ` +
      'Nothing is handled on an empty memory. Where that may be forgotten, delete the exchange as well',
  );
}

/**
 * Reads a stream from an offset until `visit` says true.
 * @throws ChannelGoneError if it ends or nothing comes for long; what `visit` throws.
 */
export async function readStream(
  connection: Connection,
  stream: string,
  offset: 'first' | number,
  visit: (entry: StreamEntry) => boolean,
): Promise<void> {
  const own = await openChannel(connection);
  const { channel } = own;
  try {
    await channel.prefetch(PREFETCH);
    await new Promise<void>((resolve, reject) => {
      const stalled = setTimeout(() => reject(new ChannelGoneError(`${stream}: nothing comes`)), STALLED_AFTER_MS);
      own.onGone((error) => {
        clearTimeout(stalled);
        reject(error);
      });
      let unacknowledged = 0;
      let done = false;
      const read = (delivery: ConsumeMessage): void => {
        done = visit({ offset: offsetOf(delivery), content: delivery.content });
        if (done) resolve();
        stalled.refresh();
        unacknowledged++;
        if (unacknowledged < PREFETCH / 4) return;
        unacknowledged = 0;
        channel.ack(delivery, true);
      };
      const receive = (delivery: ConsumeMessage | null): void => {
        // What was under way when the reader had enough.
        if (done) return;
        try {
          if (delivery === null) throw new ChannelGoneError(`${stream}: the broker cancelled the reader`);
          read(delivery);
        } catch (error) {
          done = true;
          reject(error);
        }
      };
      channel.consume(stream, receive, { arguments: { 'x-stream-offset': offset } }).catch(reject);
    });
  } finally {
    // Also ends the stall timer.
    await own.close();
  }
}
