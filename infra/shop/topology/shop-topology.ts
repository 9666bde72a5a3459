import { mergeTopologies } from '../../../lib/rabbitmq/topology/merge.js';
import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { customerApp, SHOP, WORKER_QUEUES, workerQueue } from '../../../lib/shop/domain/topology.js';
import { FLOOR_STREAMS } from '../../../lib/shop/floor/streams.js';

/** The shop with both of its workers, bound in ascending order, and the apps of these customers. */
export function shopTopology(customers: readonly string[] = []): Topology {
  return mergeTopologies(SHOP, ...WORKER_QUEUES.map((name) => workerQueue(name)), ...customers.map(customerApp));
}

/** The shop with an app for every customer of the database, and what its pages read. @throws DatabaseError */
export function wholeTopology(): Topology {
  return mergeTopologies(shopTopology(readDatabase(databaseFile()).customers), FLOOR_STREAMS);
}
