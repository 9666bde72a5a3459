import { mergeTopologies } from '../../../lib/rabbitmq/topology/merge.js';
import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { FLOOR_STREAMS } from '../../../lib/shop/floor/streams.js';
import { shopTopology } from '../topology/shop-topology.js';

/** For serverless.yml: the shop with its two workers, an app for every customer of the database, and what its pages read. */
export function topology(): Topology {
  return mergeTopologies(shopTopology(readDatabase(databaseFile()).customers), FLOOR_STREAMS);
}
