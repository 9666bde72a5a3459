import { exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { findDifferences } from '../topology/differences.js';

const LIMIT = 'x-delivery-limit';
/** A limit that no queue has: asking for it makes the broker name the real one. */
const NOBODYS = 2 ** 31 - 1;

/**
 * The delivery limit of a quorum queue. AMQP shows an argument only when it refuses a different one, which changes nothing.
 * Undefined if there is no such queue, or it has no limit.
 */
export async function deliveryLimitOf(connection: Connection, queue: string): Promise<number | undefined> {
  if (!(await exists(connection, (channel) => channel.checkQueue(queue)))) return undefined;
  const asked = { durable: true, arguments: { 'x-queue-type': 'quorum', [LIMIT]: NOBODYS } };
  const differences = await findDifferences(connection, asked, (channel, declaration) =>
    channel.assertQueue(queue, declaration),
  );
  const found = differences.find(({ point }) => point === LIMIT)?.found;
  return typeof found === 'number' ? found : undefined;
}
