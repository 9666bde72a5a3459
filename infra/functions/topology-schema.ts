import { z } from 'zod';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';

const NAME = z.string().min(1).max(255);
const ARGUMENTS = z.record(z.string(), z.unknown()).optional();

const TOPOLOGY = z.strictObject({
  virtualHost: NAME.optional(),
  exchanges: z.array(
    z.strictObject({
      name: NAME,
      type: NAME,
      durable: z.boolean(),
      autoDelete: z.boolean().optional(),
      internal: z.boolean().optional(),
      arguments: ARGUMENTS,
    }),
  ),
  queues: z.array(
    z.strictObject({
      name: NAME,
      durable: z.boolean(),
      autoDelete: z.boolean().optional(),
      exclusive: z.boolean().optional(),
      arguments: ARGUMENTS,
    }),
  ),
  bindings: z.array(
    z.strictObject({ exchange: NAME, queue: NAME, routingKey: z.string().max(255), arguments: ARGUMENTS }),
  ),
});

/** A topology, and where it belongs: the virtual host that the broker's address names, where it says none. */
export interface ServiceTopology extends Topology {
  readonly virtualHost?: string;
}

/**
 * Checks what a service's `topology()` gave: one topology, or a list of them for several virtual hosts.
 * @throws Error that names the setting, and each place that is wrong
 */
export function readTopologies(given: unknown, file: string): readonly ServiceTopology[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const problems = list.flatMap((one, index) => {
    const at = list.length > 1 ? [index] : [];
    const issues = TOPOLOGY.safeParse(one).error?.issues ?? [];
    return issues.map(({ path, message }) => `${[...at, ...path].join('.') || 'its result'}: ${message}`);
  });
  // What was checked is what is used: zod's own copy has lost the keys' order.
  if (problems.length === 0) return list as readonly ServiceTopology[];
  throw new Error(
    `custom.rabbitmq.topology: ${file} gives no topology of exchanges, queues and bindings: ${problems.join('; ')}`,
  );
}
