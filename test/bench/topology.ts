import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { mergeTopologies } from '../../lib/rabbitmq/topology/merge.js';
import { declareTopology, type Topology } from '../../lib/rabbitmq/topology/topology.js';
import {
  BILLING_EVENTS,
  CUSTOMER_APP_EVENTS,
  SHOP,
  WORKER_QUEUES,
  workerQueue,
} from '../../lib/shop/domain/topology.js';

/** One queue that receives what all customers' apps would. */
export const ALL_CUSTOMERS = 'bench.all_customers';

/** `quorum`: the shop's own. `classic`: the same with durable classic queues and nothing more. */
export type QueueKind = 'quorum' | 'classic';

/** The shop's exchanges, two worker queues and the sink's. */
function benchTopology(kind: QueueKind): Topology {
  const shop = mergeTopologies(SHOP, ...WORKER_QUEUES.map((queue) => workerQueue(queue)));
  const queues = kind === 'quorum' ? shop.queues : shop.queues.map(({ name }) => ({ name, durable: true }));
  return {
    exchanges: shop.exchanges,
    queues: [...queues, { name: ALL_CUSTOMERS, durable: true }],
    bindings: [...shop.bindings, { exchange: CUSTOMER_APP_EVENTS, queue: ALL_CUSTOMERS, routingKey: '#' }],
  };
}

/** The adapter's log in a bench: only what should not happen. */
export const quiet = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };

/** Declares it on a broker, with whatever else is needed. */
export function declareBench(
  amqpUrl: string,
  kind: QueueKind,
  more: (connection: Connection) => Promise<void> = async () => undefined,
): Promise<void> {
  return onConnection({ amqpUrl, connectionName: 'bench', log: quiet }, async (connection) => {
    await declareTopology(connection, benchTopology(kind), quiet);
    await more(connection);
  });
}

export { BILLING_EVENTS };
