import { exists } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { PublishError } from '../../../lib/rabbitmq/publishing/publish-error.js';
import { SHOPPING_EVENTS_EXCHANGE } from '../../../lib/shop/domain/topology.js';
import { CommandError } from '../../commands/command-line.js';

const DECLARE = 'Start a worker, or `npx smart-shopping topology declare`.';

/** @throws CommandError if the shop has not been declared yet, so that events have nowhere to go */
export async function requireShop(connection: Connection): Promise<void> {
  if (await exists(connection, (channel) => channel.checkExchange(SHOPPING_EVENTS_EXCHANGE))) return;
  throw new CommandError(`There is no shop on this broker yet: it has no ${SHOPPING_EVENTS_EXCHANGE}. ${DECLARE}`);
}

/** Why an event could not be sent, in words. */
export function whyNotSent(error: unknown): string {
  const isReturned = error instanceof PublishError && error.failure === 'returned';
  return isReturned ? `no queue is bound to ${SHOPPING_EVENTS_EXCHANGE}. ${DECLARE}` : (error as Error).message;
}
