import type { Channel, ConsumeMessage } from 'amqplib';
import { NO_STREAMS } from '../connection/amazon-mq.js';
import { ChannelGoneError, exists, onOwnChannel, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { declareExchangeOf, declareMissing, ifPermitted } from '../connection/declare-missing.js';
import { FatalError, UnservableError } from '../connection/fatal-error.js';
import { readStream } from '../consuming/read-stream.js';
import { type Retention, retentionOf } from './retention.js';
import type { ChangelogSettings } from './settings.js';

const PRECONDITION_FAILED = 406;

/** Declares what a runner with this changelog on this queue writes to. True if it did not exist. @throws as declareStream */
export function declareChangelog(
  connection: Connection,
  queue: string,
  { retentionBytes }: ChangelogSettings = {},
): Promise<boolean> {
  return declareStream(connection, changelogOf(queue), retentionOf(retentionBytes));
}

/** The stream that keeps a queue's memory. */
export function changelogOf(queue: string): string {
  return `${queue}.changelog`;
}

/**
 * Declares the stream, and the exchange of the same name through which it is written. True if it did not exist, so that it is
 * young now (see young-queues.ts). The exchange also shows that the stream existed, in case it is deleted; nothing else in AMQP
 * distinguishes that from a first start.
 * @param declaredBy the command with which a user with more rights declares both
 * @throws FatalError if it was deleted, or exists with another retention, which would void every promise about snapshots;
 *   RefusedError if it is missing and may not be declared
 */
export async function declareStream(
  connection: Connection,
  stream: string,
  retention: Retention,
  declaredBy?: string,
): Promise<boolean> {
  if (connection.isAmazonMq) {
    throw new UnservableError(
      `the memory of its queue would be kept in the stream ${stream}, but ${NO_STREAMS}. Keep it in a database, without a changelog`,
    );
  }
  const args = {
    'x-queue-type': 'stream',
    'x-max-length-bytes': retention.retentionBytes,
    'x-stream-max-segment-size-bytes': retention.segmentBytes,
  };
  const check = (channel: Channel) => channel.checkQueue(stream);
  const declare = (channel: Channel) => channel.assertQueue(stream, { durable: true, arguments: args });
  const hasBeenThere = await exists(connection, (channel) => channel.checkExchange(stream));
  if (hasBeenThere && !(await exists(connection, check))) throw deleted(stream);
  try {
    const isNew = await declareMissing(connection, { thing: `stream ${stream}`, check, declare, declaredBy });
    if (!isNew) await ifPermitted(onOwnChannel(connection, declare));
    await declareExchangeOf(connection, stream, declaredBy);
    return isNew;
  } catch (cause) {
    if (replyCode(cause) !== PRECONDITION_FAILED) throw cause;
    const said = (cause as Error).message;
    throw new FatalError(`${stream} exists with other arguments; set the same retention here: ${said}`, { cause });
  }
}

function deleted(stream: string): FatalError {
  return new FatalError(
    `${stream} existed, as the exchange of the same name shows, and was deleted: its contents are lost. ` +
      'The runner does not start with an empty memory. If the contents may be forgotten, delete the exchange as well',
  );
}

/** Few at a time, because a record may be a megabyte. */
const PREFETCH = 128;
const STALLED_MS = 30_000;

/** The entries of a stream from its first one on, followed by new ones. @throws ChannelGoneError if nothing arrives for long */
export async function* readEntries(connection: Connection, stream: string): AsyncGenerator<ConsumeMessage, void> {
  const onQuiet = (): never => {
    throw new ChannelGoneError(`${stream}: nothing comes`);
  };
  const options = { from: 'first', prefetch: PREFETCH, quietMs: STALLED_MS, onQuiet } as const;
  for await (const entries of readStream(connection, stream, options)) yield* entries;
}
