import { z } from 'zod';
import { nearestName } from './nearest-name.js';

const SETTINGS = z.strictObject({
  /** The broker to use; else `AMQP_URL`, else a private one. */
  amqpUrl: z.url({ protocol: /^amqps?$/ }).optional(),
  /** Where the private broker lives, below the service's folder. */
  brokerFolder: z.string().min(1).default('.rabbitmq'),
  /** A module whose `topology()` gives what to declare before the first message: see lib/rabbitmq/topology. */
  topology: z.string().min(1).optional(),
  /** A module whose `demo(stage)` is called once everything runs. */
  demo: z.string().min(1).optional(),
  /** Most messages of one queue that wait in its thread unacknowledged. */
  prefetch: z.int().min(1).max(65_535).optional(),
  /** How often a failing batch is tried before its messages are tried one by one. */
  attempts: z.int().min(1).optional(),
  /** More queues than this on one function share threads. */
  threadsPerFunction: z.int().min(1).max(64).default(16),
});

/** `custom.rabbitmq` of serverless.yml: how the service's `rabbitmq` events run on this machine. */
export type Settings = z.infer<typeof SETTINGS>;

/** @throws Error that names what is wrong, one line each; for an unknown key the nearest known one. */
export function readSettings(custom: unknown): Settings {
  const parsed = SETTINGS.safeParse(custom ?? {});
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.flatMap(complaints).join('\n'));
}

function complaints(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownKey);
  return [`${['custom.rabbitmq', ...issue.path].join('.')}: ${issue.message}`];
}

function unknownKey(key: string): string {
  const known = Object.keys(SETTINGS.shape);
  const nearest = nearestName(key, known);
  const advice = nearest === undefined ? `it may hold ${known.join(', ')}` : `did you mean ${nearest}?`;
  return `custom.rabbitmq: unknown key ${key}; ${advice}`;
}
