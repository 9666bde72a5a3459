import { databaseFile, readDatabase } from '../../lib/database/database.js';
import { FLOOR_STREAMS } from '../../lib/floor/streams.js';
import { mergeTopologies } from '../../lib/rabbitmq/topology/merge.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import { shopTopology } from '../topology/shop-topology.js';

/** For serverless.yml: the shop with its two workers, an app for every customer of the database, and what its pages read. */
export function topology(): Topology {
  return mergeTopologies(shopTopology(readDatabase(databaseFile()).customers), FLOOR_STREAMS);
}
