import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import type { Retry } from '../../lib/rabbitmq/runner/batch.js';

const RETRY = z.enum(['bounded', 'aws'] satisfies Retry[]);

const SETTINGS = z.strictObject({
  /** The broker to use; else `AMQP_URL`, else a private one. */
  amqpUrl: z.string().refine(isAmqpUrl, `must be a URL such as ${AMQP_URL_EXAMPLE}`).optional(),
  /** Where the private broker lives, below the service's folder. */
  brokerFolder: z.string().min(1).default('.rabbitmq'),
  /** A module whose `topology()` gives what to declare before the first message: see lib/rabbitmq/topology. */
  topology: z.string().min(1).optional(),
  /** Declares queues of `rabbitmq` events that are missing, as plain durable ones. */
  declareQueues: z.boolean().default(false),
  /** A module whose `pages(context)` is called once HTTP is served: it shows people what happens, also while the broker is away. */
  pages: z.string().min(1).optional(),
  /** A module whose `demo(context)` is called once everything runs. */
  demo: z.string().min(1).optional(),
  /** Most messages of one queue that wait in its thread unacknowledged. */
  prefetch: z.int().min(1).max(65_535).optional(),
  /** How often a failing batch is tried before its messages are tried one by one. */
  attempts: z.int().min(1).optional(),
  /** `aws`: an event that names no batching window has AWS's of 500 ms. `immediate`: a batch waits for nothing. */
  timing: z.enum(['immediate', 'aws']).default('immediate'),
  /** What becomes of a batch that fails, of every queue or by queue; a queue that is not named is `bounded`. */
  retry: z.union([RETRY, z.record(z.string(), RETRY)]).default('bounded'),
  /**
   * The functions whose messages are rejected also where the queue has no dead-letter exchange that can be seen (a policy may
   * name one; else RabbitMQ destroys them). For other functions they are kept and tried again.
   */
  mayDiscard: z.array(z.string()).default([]),
  /** The functions whose memory outlives a crash: kept in a stream beside each of their queues. */
  changelog: z.array(z.string()).default([]),
  /**
   * Functions whose queues share the keys of a consistent-hash exchange, each with that exchange: when a queue is new or was taken
   * out, what their memory holds of its keys moves along. They must be in `changelog`, too.
   */
  rescale: z.record(z.string(), z.string().min(1)).default({}),
  /** The functions that `smart-shopping events record` may record. */
  recordable: z.array(z.string()).default([]),
  /** A stream of the topology that is told why a message is rejected, before it is. */
  deadLetterLog: z.string().min(1).optional(),
  /** Functions, each with the fanout exchange that is told how it is doing on each of its queues, and of its invocations. */
  status: z.record(z.string(), z.string().min(1)).default({}),
  /** More queues than this on one function share threads. */
  threadsPerFunction: z.int().min(1).max(64).default(16),
});

/** `custom.rabbitmq` of serverless.yml: how the service's `rabbitmq` events run on this machine. */
export type Settings = z.infer<typeof SETTINGS>;

/** Names that settings may refer to. */
export interface KnownNames {
  readonly functionKeys: readonly string[];
  readonly queues: readonly string[];
}

/** @throws Error that names what is wrong, one line each; for an unknown name the nearest known one. */
export function readSettings(custom: unknown, { functionKeys, queues }: KnownNames): Settings {
  const parsed = SETTINGS.safeParse(custom ?? {});
  if (!parsed.success) throw new Error(parsed.error.issues.flatMap(complaints).join('\n'));
  const { changelog, mayDiscard, recordable, rescale, retry, status } = parsed.data;
  const strangers = [
    ...unknownOf('custom.rabbitmq.changelog', 'function', changelog, functionKeys),
    ...unknownOf('custom.rabbitmq.mayDiscard', 'function', mayDiscard, functionKeys),
    ...unknownOf('custom.rabbitmq.recordable', 'function', recordable, functionKeys),
    ...unknownOf('custom.rabbitmq.rescale', 'function', Object.keys(rescale), functionKeys),
    ...Object.keys(rescale).flatMap((name) => (changelog.includes(name) ? [] : forgetful(name))),
    ...unknownOf('custom.rabbitmq.status', 'function', Object.keys(status), functionKeys),
    ...unknownOf('custom.rabbitmq.retry', 'queue', typeof retry === 'string' ? [] : Object.keys(retry), queues),
  ];
  if (strangers.length > 0) throw new Error(strangers.join('\n'));
  return parsed.data;
}

function forgetful(name: string): string {
  return `custom.rabbitmq.rescale: ${name} must be in custom.rabbitmq.changelog, too: what is handed over must not be lost`;
}

function unknownOf(path: string, kind: string, names: readonly string[], known: readonly string[]): string[] {
  return names.filter((name) => !known.includes(name)).map((name) => unknown(path, kind, name, known));
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
