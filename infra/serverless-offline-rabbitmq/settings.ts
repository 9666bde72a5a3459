import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';

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
  /** The functions whose memory outlives a crash: kept in a stream beside each of their queues. */
  changelog: z.array(z.string()).default([]),
  /** A stream of the topology that is told why a message is rejected, before it is. */
  deadLetterLog: z.string().min(1).optional(),
  /** More queues than this on one function share threads. */
  threadsPerFunction: z.int().min(1).max(64).default(16),
});

/** `custom.rabbitmq` of serverless.yml: how the service's `rabbitmq` events run on this machine. */
export type Settings = z.infer<typeof SETTINGS>;

/**
 * @param functionKeys the service's functions
 * @throws Error that names what is wrong, one line each; for an unknown name the nearest known one.
 */
export function readSettings(custom: unknown, functionKeys: readonly string[]): Settings {
  const parsed = SETTINGS.safeParse(custom ?? {});
  if (!parsed.success) throw new Error(parsed.error.issues.flatMap(complaints).join('\n'));
  const strangers = parsed.data.changelog.filter((key) => !functionKeys.includes(key));
  if (strangers.length === 0) return parsed.data;
  throw new Error(
    strangers.map((key) => unknown('custom.rabbitmq.changelog', 'function', key, functionKeys)).join('\n'),
  );
}

function complaints(issue: z.core.$ZodIssue): string[] {
  const path = ['custom.rabbitmq', ...issue.path].join('.');
  if (issue.code !== 'unrecognized_keys') return [`${path}: ${issue.message}`];
  return issue.keys.map((key) => unknown(path, 'key', key, Object.keys(SETTINGS.shape)));
}

/** More letters than this are different, and two names have nothing to do with each other. */
const NEAR = 3;

function unknown(path: string, kind: string, name: string, known: readonly string[]): string {
  const nearest = closest(name, known);
  const advice = distance(name, nearest) <= NEAR ? `did you mean ${nearest}?` : `it may be ${known.join(', ')}`;
  return `${path}: unknown ${kind} ${name}; ${advice}`;
}
