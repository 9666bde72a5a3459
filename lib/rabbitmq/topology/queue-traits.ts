import { exists, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { findDifferences } from './differences.js';

/** What AMQP lets see of a queue: its arguments. What a policy says cannot be seen. */
export interface QueueTraits {
  readonly isStream: boolean;
  /** It names a dead-letter exchange, which may be the default one (`''`). */
  readonly deadLetters: boolean;
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
      deadLetters: found.get('x-dead-letter-exchange') !== undefined,
    };
  } catch (error) {
    if (UNSEEN.has(replyCode(error) ?? 0)) return undefined;
    throw error;
  }
}
