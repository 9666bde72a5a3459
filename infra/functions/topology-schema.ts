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

/** A topology and its virtual host; by default the one in the broker's address. */
export interface ServiceTopology extends Topology {
  readonly virtualHost?: string;
}

/**
 * Checks the result of a service's `topology()`: one topology, or a list of them for several virtual hosts.
 * @throws Error that names the setting and each invalid place
 */
export function readTopologies(given: unknown, file: string): readonly ServiceTopology[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const problems = list.flatMap((one, index) => {
    const at = list.length > 1 ? [index] : [];
    const issues = TOPOLOGY.safeParse(one).error?.issues ?? [];
    return issues.map(({ path, message }) => `${[...at, ...path].join('.') || 'its result'}: ${message}`);
  });
  // The checked object itself is used, because zod's copy loses the order of the keys.
  if (problems.length === 0) return list as readonly ServiceTopology[];
  throw new Error(
    `custom.rabbitmq.topology: ${file} does not return a topology of exchanges, queues and bindings: ${problems.join('; ')}`,
  );
}
