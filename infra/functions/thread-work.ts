import type { KeySource } from '../../lib/rabbitmq/changelog/keys.js';
import type { RescaleChange, RescaleSettings } from '../../lib/rabbitmq/rescale/settings.js';
import type { Retry } from '../../lib/rabbitmq/runner/batch.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import type { Trouble } from '../terminal/prose.js';
import type { Heartbeat } from './heartbeat.js';
import type { LocalAddress } from './local-address.js';

/** A function, as whoever runs it needs it. */
export interface FunctionWork {
  /** As deployed: service-stage-key. */
  readonly functionName: string;
  readonly region: string | undefined;
  readonly account: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Nothing is ended for having taken too long. */
  readonly untimed: boolean;
  /** `src/till.handler`, below the folder of the code. */
  readonly handler: string;
  readonly codeDir: string;
  /** Where the service's packages are. */
  readonly serviceDir: string;
}

/** What one thread does: a handler, loaded once, and the queues it serves, each a runner of its own. */
export interface ThreadWork extends FunctionWork {
  readonly queues: readonly QueueWork[];
  readonly broker: LocalAddress;
  readonly prefetch: number | undefined;
  readonly attempts: number | undefined;
  /** The memory is kept in a stream beside each queue. */
  readonly changelog: boolean;
  /** What signs it. */
  readonly changelogKeys: KeySource | undefined;
  readonly mayDiscard: boolean;
  readonly recordable: boolean;
  readonly deadLetterLog: string | undefined;
  readonly statusExchange: string | undefined;
  /** It writes lines for machines, instead of telling of its troubles. */
  readonly logsJson: boolean;
  readonly heartbeat: Heartbeat;
}

export interface QueueWork {
  readonly queue: string;
  /** Undefined means the one that the broker's address names. */
  readonly virtualHost: string | undefined;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly filterPatterns: readonly unknown[];
  readonly retry: Retry;
  readonly eventSourceArn: string | undefined;
  /** Where it shares the keys of an exchange with other queues. */
  readonly sharedKeys?: SharedKeys | undefined;
}

/** What the runner of a queue needs that shares an exchange's keys with others: it declares its queue itself, and binds it. */
export interface SharedKeys {
  readonly rescale: RescaleSettings;
  readonly topology: Topology;
}

/** What a queue is called in lines for people: as in the event, where the virtual host is said. */
export function nameOf({ queue, virtualHost }: Pick<QueueWork, 'queue' | 'virtualHost'>): string {
  return virtualHost === undefined ? queue : `${queue}::${virtualHost}`;
}

/** Finish the running batches and end. */
export type ToThread = 'stop';

/** `queue` is its name for people, which no other queue of the thread has. */
export type FromThread =
  /** The handler is in this file, and is loaded now. */
  | { readonly kind: 'located'; readonly file: string }
  | { readonly kind: 'loaded'; readonly declaresCallback: boolean }
  /** The handler returned something that counts for nothing. */
  | { readonly kind: 'ignored return'; readonly what: string }
  /** It will not be served, for this reason. */
  | { readonly kind: 'refused'; readonly queue: string; readonly reason: string }
  | { readonly kind: 'subscribed'; readonly queue: string }
  /** Its connection is gone, or cannot be opened; another one is tried. */
  | { readonly kind: 'lost'; readonly queue: string }
  | { readonly kind: 'batch'; readonly queue: string; readonly batch: BatchDone }
  /** It has handed over, taken over, or left for good. */
  | { readonly kind: 'rescaled'; readonly queue: string; readonly change: RescaleChange }
  /** So many messages matched none of the patterns and were removed. */
  | { readonly kind: 'filtered'; readonly queue: string; readonly messages: number }
  | { readonly kind: 'trouble'; readonly queue: string; readonly trouble: Trouble };

/** One batch, from its arrival to its acknowledgement. */
export interface BatchDone {
  readonly messages: number;
  readonly durationMs: number;
  readonly repeated: number;
  /** Reasons of those that were rejected. */
  readonly rejected: readonly string[];
}
