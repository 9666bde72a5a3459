import { exists, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { findDifferences } from './differences.js';

/** What AMQP lets see of a queue: its arguments. What a policy says cannot be seen. */
export interface QueueTraits {
  readonly isStream: boolean;
  /** Where what is rejected goes, if it says. */
  readonly deadLetterTo: DeadLetterAddress | undefined;
}

/** What a queue says of its dead letters. */
export interface DeadLetterAddress {
  /** May be the default one (`''`). */
  readonly exchange: string;
  /** Undefined: a letter keeps its own. */
  readonly routingKey: string | undefined;
}

export function deadLetterAddress(exchange: unknown, routingKey: unknown): DeadLetterAddress | undefined {
  if (typeof exchange !== 'string') return undefined;
  return { exchange, routingKey: typeof routingKey === 'string' ? routingKey : undefined };
}

const UNSEEN = new Set([403, 405]);

/**
 * Looks at an existing queue, and changes nothing.
 * @returns undefined where we may not look, or where there is none
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
