import { exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { findDifferences } from '../topology/differences.js';

const LIMIT = 'x-delivery-limit';
/** Nobody's limit: asking for it makes the broker name the real one. */
const NOBODYS = 2 ** 31 - 1;

/**
 * The delivery limit of a quorum queue. AMQP names an argument only by refusing another, which changes nothing.
 * Undefined where there is no such queue, or none.
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
