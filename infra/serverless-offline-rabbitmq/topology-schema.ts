import { z } from 'zod';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';

const NAME = z.string().min(1).max(255);
const ARGUMENTS = z.record(z.string(), z.unknown()).optional();

const TOPOLOGY = z.strictObject({
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

/** Checks what a service's `topology()` gave. @throws Error that names the setting, and each place that is wrong */
export function readTopology(given: unknown, file: string): Topology {
  const parsed = TOPOLOGY.safeParse(given);
  // What was checked is what is used: zod's own copy has lost the keys' order.
  if (parsed.success) return given as Topology;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'its result'}: ${message}`);
  throw new Error(
    `custom.rabbitmq.topology: ${file} gives no topology of exchanges, queues and bindings: ${problems.join('; ')}`,
  );
}
