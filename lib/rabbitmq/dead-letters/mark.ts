import type { ConsumeMessage } from 'amqplib';
import { deathOf } from '../../dead-letters/death.js';
import type { LogEntry } from '../../dead-letters/log-entry.js';
import { ChannelGoneError } from '../connection/channel.js';
import type { Publisher } from '../publishing/publisher.js';
import { type LogAddress, logMessage } from './dead-letter-log.js';

/** A dead letter that was taken from the queue, by its id. */
export interface Letter {
  readonly id: string;
  readonly message: ConsumeMessage;
}

export interface MarkOptions {
  /** Undefined if there is none; then nothing is written. */
  readonly log: LogAddress | undefined;
  /** The state that the log records for them. */
  readonly kind: LogEntry['kind'];
  readonly reasonOf: (letter: Letter) => string;
  /** When that began. */
  readonly at: Date;
  /** Who does it, and with which command. */
  readonly by?: string | undefined;
}

/** Writes to the log what happens to dead letters, before they leave their queue. @throws ChannelGoneError */
export async function mark(
  publisher: Publisher,
  letters: readonly Letter[],
  { log, kind, reasonOf, at, by }: MarkOptions,
): Promise<void> {
  if (log === undefined) return;
  const marks = letters.map((letter) => {
    const { headers, messageId } = letter.message.properties;
    const queue = deathOf(headers)?.queue;
    return logMessage(log, {
      kind,
      id: letter.id,
      at: at.toISOString(),
      reason: reasonOf(letter),
      ...(queue !== undefined && { queue }),
      ...(typeof messageId === 'string' && { messageId }),
      ...(by !== undefined && { by }),
    });
  });
  const [failure] = await publisher.publishAll(marks);
  if (failure !== undefined)
    throw new ChannelGoneError(`not marked in ${log.routingKey}: ${failure.message}`, { cause: failure });
}

/** No one reads it: it says nothing. */
const PROBE = Buffer.from('{}');

/**
 * Checks, before anything is done to a dead letter, that the log accepts marks: a letter that was redriven without one would be
 * redriven again and again.
 * @throws ChannelGoneError
 */
export async function mustTakeMarks(publisher: Publisher, log: LogAddress | undefined): Promise<void> {
  if (log === undefined) return;
  const probe = {
    ...log,
    content: PROBE,
    messageId: undefined,
    mustRoute: true,
    properties: {},
  };
  const [failure] = await publisher.publishAll([probe]);
  if (failure === undefined) return;
  throw new ChannelGoneError(
    `nothing was done, because nothing can be marked in ${log.routingKey}: ${failure.message}`,
    {
      cause: failure,
    },
  );
}
