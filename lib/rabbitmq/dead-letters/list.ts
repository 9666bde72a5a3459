import type { ConsumeMessage } from 'amqplib';
import { deathOf } from '../../dead-letters/death.js';
import { type DeadLetter, deadLettersOf, type Found } from '../../dead-letters/ledger.js';
import { redrivesOf } from '../../dead-letters/redriven.js';
import type { Connection } from '../connection/connection.js';
import { deadLetterId } from './dead-letter-log.js';
import { QueueWalk } from './dead-letter-queue.js';
import { deliveryLimitOf } from './delivery-limit.js';
import { type LogRead, readLog } from './read-log.js';

export interface DeadLetterPlaces {
  readonly queue: string;
  /** The stream with the reasons. Undefined: there is none, and nothing records what was redriven or purged. */
  readonly log: string | undefined;
}

export interface ListOptions extends DeadLetterPlaces {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  /** Every message in the queue, in order; they are only looked at and go back. */
  readonly onMessage?: (id: string, message: ConsumeMessage) => void;
}

export interface Listed {
  readonly letters: readonly DeadLetter[];
  /** Whether others consume the queue now: messages that they hold, even only to look at them, count as taken. */
  readonly shared: boolean;
}

const NOTHING: LogRead = { entries: [], next: 0 };

/**
 * Every dead letter in queue and log. Looks at each message in the queue, which then goes back to its place; in the meantime no
 * one else gets them.
 * @throws ChannelGoneError; Error with the code 404 if there is no such queue
 */
export async function listDeadLetters(connection: Connection, listing: ListOptions): Promise<Listed> {
  const { log, signal } = listing;
  const before = log === undefined ? NOTHING : await readLog(connection, log, 0, signal);
  const { found, shared } = await look(connection, listing);
  // What was redriven or purged in the meantime is not "taken"; what was dead-lettered in the meantime was not looked for.
  const isEmpty = log === undefined || before.entries.length === 0;
  const { entries } = isEmpty ? before : await readLog(connection, log, before.next, signal);
  const meanwhile = entries.filter(({ kind }) => kind !== 'rejected');
  const letters = deadLettersOf([...before.entries, ...meanwhile], found, await deliveryLimits(connection, found));
  return { letters, shared };
}

async function look(connection: Connection, listing: ListOptions): Promise<{ found: Found[]; shared: boolean }> {
  const { queue, signal, onProgress, onMessage } = listing;
  const walk = await QueueWalk.open(connection, { queue, atOnce: 1_000, signal });
  const found: Found[] = [];
  try {
    for (let messages = await walk.next(); messages.length > 0; messages = await walk.next()) {
      for (const message of messages) {
        const letter = foundIn(message);
        found.push(letter);
        onMessage?.(letter.id, message);
      }
      onProgress?.(found.length, walk.total);
    }
  } finally {
    await walk.close();
  }
  return { found, shared: walk.shared };
}

/** What a message in the queue says about itself. */
export function foundIn(message: ConsumeMessage): Found {
  const { headers, messageId } = message.properties;
  return {
    id: deadLetterId(message),
    death: deathOf(headers),
    redrives: redrivesOf(headers),
    bytes: message.content.length,
    ...(typeof messageId === 'string' && { messageId }),
  };
}

async function deliveryLimits(connection: Connection, found: readonly Found[]): Promise<Map<string, number>> {
  const limits = new Map<string, number>();
  const givenUp = found.filter(({ death }) => death?.reason === 'delivery_limit');
  for (const queue of new Set(givenUp.map(({ death }) => death?.queue ?? ''))) {
    const limit = await deliveryLimitOf(connection, queue);
    if (limit !== undefined) limits.set(queue, limit);
  }
  return limits;
}
