import { exists, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { findDifferences } from './differences.js';

/** What AMQP shows of a queue: its arguments. Policies cannot be seen. */
export interface QueueTraits {
  readonly isStream: boolean;
  /** Where rejected messages go, if it says so. */
  readonly deadLetterTo: DeadLetterAddress | undefined;
}

/** A queue's dead-letter settings. */
export interface DeadLetterAddress {
  /** May be the default exchange (`''`). */
  readonly exchange: string;
  /** Undefined: a letter keeps its own routing key. */
  readonly routingKey: string | undefined;
}

export function deadLetterAddress(exchange: unknown, routingKey: unknown): DeadLetterAddress | undefined {
  if (typeof exchange !== 'string') return undefined;
  return { exchange, routingKey: typeof routingKey === 'string' ? routingKey : undefined };
}

const UNSEEN = new Set([403, 405]);

/**
 * Reads an existing queue's arguments, and changes nothing.
 * @returns undefined if we may not read them, or if there is no such queue
 */
export async function queueTraits(connection: Connection, queue: string): Promise<QueueTraits | undefined> {
  try {
    if (!(await exists(connection, (channel) => channel.checkQueue(queue)))) return undefined;
    const differences = await findDifferences(connection, { durable: true }, (channel, options) =>
      channel.assertQueue(queue, options),
    );
    const found = new Map(differences.map(({ point, found }) => [point, found]));
    return {
      isStream: found.get('x-queue-type') === 'stream',
      deadLetterTo: deadLetterAddress(found.get('x-dead-letter-exchange'), found.get('x-dead-letter-routing-key')),
    };
  } catch (error) {
    if (UNSEEN.has(replyCode(error) ?? 0)) return undefined;
    throw error;
  }
}
