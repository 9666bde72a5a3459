import { mergeTopologies } from '../../../lib/rabbitmq/topology/merge.js';
import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import { customerApp, SHOP, WORKER_QUEUES, workerQueue } from '../../../lib/shop/domain/topology.js';

/** The shop with both of its workers, bound in ascending order, and the apps of these customers. */
export function shopTopology(customers: readonly string[] = []): Topology {
  return mergeTopologies(SHOP, ...WORKER_QUEUES.map((name) => workerQueue(name)), ...customers.map(customerApp));
}
