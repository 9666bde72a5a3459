import { exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { lastOffset } from '../consuming/stream-end.js';
import type { Topology } from '../topology/topology.js';
import { rescaleStreamOf } from './rescale-reader.js';

/**
 * The part of a topology that is declared directly if runners keep the ring of a hash exchange: they bind its queues, and a queue
 * that does not exist will join, or has left, and is declared by its own runner.
 */
export async function withoutRings<Kind extends Topology>(connection: Connection, topology: Kind): Promise<Kind> {
  const hashing = topology.exchanges.filter(({ type }) => type === 'x-consistent-hash');
  const rings = new Set<string>();
  for (const { name } of hashing) {
    if (await isKept(connection, rescaleStreamOf(name))) rings.add(name);
  }
  if (rings.size === 0) return topology;
  const away = new Set<string>();
  for (const { exchange, queue } of topology.bindings) {
    if (rings.has(exchange) && !(await isQueue(connection, queue))) away.add(queue);
  }
  return {
    ...topology,
    queues: topology.queues.filter(({ name }) => !away.has(name)),
    bindings: topology.bindings.filter(({ exchange, queue }) => !rings.has(exchange) && !away.has(queue)),
  };
}

/** Whether there is a record of the ring. */
async function isKept(connection: Connection, stream: string): Promise<boolean> {
  return (await isQueue(connection, stream)) && (await lastOffset(connection, stream, connection.signal)) >= 0;
}

function isQueue(connection: Connection, name: string): Promise<boolean> {
  return exists(connection, (channel) => channel.checkQueue(name));
}
