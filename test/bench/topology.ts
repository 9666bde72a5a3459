import { mergeTopologies } from '../../lib/rabbitmq/topology/merge.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import { BILLING_EVENTS, CUSTOMER_APP_EVENTS, SHOP, WORKER_QUEUES, workerQueue } from '../../lib/shop/topology.js';

/** One queue that takes what all customers' apps would. */
export const ALL_CUSTOMERS = 'bench.all_customers';

/** `quorum`: the shop's own. `classic`: the same with durable classic queues and nothing more. */
export type QueueKind = 'quorum' | 'classic';

/** The shop's exchanges, two worker queues and the sink's. */
export function benchTopology(kind: QueueKind): Topology {
  const shop = mergeTopologies(SHOP, ...WORKER_QUEUES.map((queue) => workerQueue(queue)));
  const queues = kind === 'quorum' ? shop.queues : shop.queues.map(({ name }) => ({ name, durable: true }));
  return {
    exchanges: shop.exchanges,
    queues: [...queues, { name: ALL_CUSTOMERS, durable: true }],
    bindings: [...shop.bindings, { exchange: CUSTOMER_APP_EVENTS, queue: ALL_CUSTOMERS, routingKey: '#' }],
  };
}

export { BILLING_EVENTS };
