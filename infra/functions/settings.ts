import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import type { Retry } from '../../lib/rabbitmq/runner/batch.js';

const RETRY = z.enum(['bounded', 'aws'] satisfies Retry[]);

const SETTINGS = z.strictObject({
  /** The broker to use; else `AMQP_URL`, else a private one. */
  amqpUrl: z.string().refine(isAmqpUrl, `must be a URL such as ${AMQP_URL_EXAMPLE}`).optional(),
  /** The private broker's folder, below the service's folder. */
  brokerFolder: z.string().min(1).default('.rabbitmq'),
  /** A module whose `topology()` returns what to declare before the first message: see lib/rabbitmq/topology. */
  topology: z.string().min(1).optional(),
  /** Declares missing queues of `rabbitmq` events, as plain durable ones. */
  declareQueues: z.boolean().default(false),
  /**
   * A module whose `pages(context)` is called once HTTP is served: it shows people what happens, even while the broker is down.
   */
  pages: z.string().min(1).optional(),
  /** A module whose `demo(context)` is called once everything is running. */
  demo: z.string().min(1).optional(),
  /** The maximum number of unacknowledged messages of one queue that wait in its thread. */
  prefetch: z.int().min(1).max(65_535).optional(),
  /** How often a failing batch is tried before its messages are tried one by one. */
  attempts: z.int().min(1).optional(),
  /** `aws`: an event without a batching window gets AWS's 500 ms. `immediate`: a batch does not wait. */
  timing: z.enum(['immediate', 'aws']).default('immediate'),
  /** What happens to a batch that fails, for every queue or per queue; a queue that is not listed is `bounded`. */
  retry: z.union([RETRY, z.record(z.string(), RETRY)]).default('bounded'),
  /**
   * The functions whose messages are rejected even if no dead-letter exchange can be seen (a policy may name one; otherwise
   * RabbitMQ destroys them). For other functions they are kept and tried again.
   */
  mayDiscard: z.array(z.string()).default([]),
  /** The functions whose memory survives a crash: it is kept in a stream next to each of their queues. */
  changelog: z.array(z.string()).default([]),
  /**
   * Functions whose queues share the keys of a consistent-hash exchange, each with that exchange: when a queue is added or
   * removed, the entries of its keys move along. They must also be in `changelog`.
   */
  rescale: z.record(z.string(), z.string().min(1)).default({}),
  /** The functions that `smart-shopping events record` may record. */
  recordable: z.array(z.string()).default([]),
  /** A stream of the topology that receives the reason why a message is rejected, before it is. */
  deadLetterLog: z.string().min(1).optional(),
  /** Functions, each with the fanout exchange that receives reports of its state and invocations on each of its queues. */
  status: z.record(z.string(), z.string().min(1)).default({}),
  /** If a function has more queues than this, they share threads. */
  threadsPerFunction: z.int().min(1).max(64).default(16),
});

/** `custom.rabbitmq` in serverless.yml: how the service's `rabbitmq` events run on this machine. */
export type Settings = z.infer<typeof SETTINGS>;

/** Names that settings may refer to. */
export interface KnownNames {
  readonly functionKeys: readonly string[];
  readonly queues: readonly string[];
}

/** @throws Error that names what is wrong, one line each; for an unknown name, with the nearest known one */
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
  return `custom.rabbitmq.rescale: ${name} must also be in custom.rabbitmq.changelog, so that handed-over entries are not lost`;
}

function unknownOf(path: string, kind: string, names: readonly string[], known: readonly string[]): string[] {
  return names.filter((name) => !known.includes(name)).map((name) => unknown(path, kind, name, known));
}

function complaints(issue: z.core.$ZodIssue): string[] {
  const path = ['custom.rabbitmq', ...issue.path].join('.');
  if (issue.code !== 'unrecognized_keys') return [`${path}: ${issue.message}`];
  return issue.keys.map((key) => unknown(path, 'key', key, Object.keys(SETTINGS.shape)));
}

/** If more letters than this differ, two names are unrelated. */
const NEAR = 3;

function unknown(path: string, kind: string, name: string, known: readonly string[]): string {
  const nearest = closest(name, known);
  const advice = distance(name, nearest) <= NEAR ? `did you mean ${nearest}?` : `known: ${known.join(', ')}`;
  return `${path}: unknown ${kind} ${name}; ${advice}`;
}
