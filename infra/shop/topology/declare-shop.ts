import { changelogOf, declareChangelog } from '../../../lib/rabbitmq/changelog/stream.js';
import { exists } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import { declareHandoverQueue } from '../../../lib/rabbitmq/rescale/drive.js';
import { declareRescaleLog } from '../../../lib/rabbitmq/rescale/rescale-log.js';
import { RescaleReader } from '../../../lib/rabbitmq/rescale/rescale-reader.js';
import { withoutRings } from '../../../lib/rabbitmq/rescale/without-rings.js';
import { declareTopology, isStream, type Topology } from '../../../lib/rabbitmq/topology/topology.js';
import { setTripwire } from '../../../lib/rabbitmq/topology/tripwire.js';
import { SHOPPING_EVENTS_EXCHANGE, WORKER_QUEUES, workerQueue } from '../../../lib/shop/domain/topology.js';

/**
 * Declares the shop, with its workers' changelogs and the ring by which they share the products. Every role can then run without
 * the right to configure.
 * @param joining queues of workers that will join the others when they run; they are not bound before
 * @returns what did not exist before, such as `queue orders`; queues only
 */
export async function declareShop(
  connection: Connection,
  shop: Topology,
  joining: readonly string[],
  log: Log,
): Promise<string[]> {
  const topology = await withoutRings(connection, shop);
  const created = await declareTopology(connection, topology, log);
  for (const exchange of new Set(shop.bindings.map((binding) => binding.exchange)))
    await setTripwire(connection, exchange);
  if (!topology.queues.some(isStream)) return created;
  await declareRescaleLog(connection, SHOPPING_EVENTS_EXCHANGE);
  const { state } = await RescaleReader.follow(connection, SHOPPING_EVENTS_EXCHANGE, connection.signal);
  const members = [...state.ring, ...(state.step?.to ?? [])].map(({ queue }) => queue);
  const declared = topology.queues.map(({ name }) => name).filter((name) => WORKER_QUEUES.some((own) => own === name));
  for (const queue of joining) {
    created.push(...(await declareTopology(connection, { ...workerQueue(queue), bindings: [] }, log)));
  }
  for (const queue of new Set([...declared, ...members, ...joining])) {
    // A queue of the ring that someone deleted is left to its worker to declare.
    if (!(await exists(connection, (channel) => channel.checkQueue(queue)))) continue;
    if (await declareChangelog(connection, queue)) created.push(`stream ${changelogOf(queue)}`);
    await declareHandoverQueue(connection, SHOPPING_EVENTS_EXCHANGE, queue);
  }
  return created;
}
