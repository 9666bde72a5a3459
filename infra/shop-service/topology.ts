import { databaseFile, readDatabase } from '../../lib/database/database.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import { shopTopology } from '../topology/shop-topology.js';

/** For serverless.yml: the shop with its two workers and an app for every customer of the database. */
export function topology(): Topology {
  return shopTopology(readDatabase(databaseFile()).customers);
}
