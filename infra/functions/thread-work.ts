import type { KeySource } from '../../lib/rabbitmq/changelog/keys.js';
import type { RescaleChange, RescaleSettings } from '../../lib/rabbitmq/rescale/settings.js';
import type { Retry } from '../../lib/rabbitmq/runner/batch.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import type { Trouble } from '../terminal/prose.js';
import type { Heartbeat } from './heartbeat.js';
import type { LocalAddress } from './local-address.js';

/** A function, as needed to run it. */
export interface FunctionWork {
  /** The deployed name: service-stage-key. */
  readonly functionName: string;
  readonly region: string | undefined;
  readonly account: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** No time limit applies. */
  readonly untimed: boolean;
  /** `src/till.handler`, below the folder of the code. */
  readonly handler: string;
  readonly codeDir: string;
  /** Where the service's packages are installed. */
  readonly serviceDir: string;
}

/** What one thread does: a handler, loaded once, and the queues it serves, each with its own runner. */
export interface ThreadWork extends FunctionWork {
  readonly queues: readonly QueueWork[];
  readonly broker: LocalAddress;
  readonly prefetch: number | undefined;
  readonly attempts: number | undefined;
  /** The memory is kept in a stream next to each queue. */
  readonly changelog: boolean;
  /** The keys that sign it. */
  readonly changelogKeys: KeySource | undefined;
  readonly mayDiscard: boolean;
  readonly recordable: boolean;
  readonly deadLetterLog: string | undefined;
  readonly statusExchange: string | undefined;
  /** It writes log lines for machines, instead of reporting its troubles. */
  readonly logsJson: boolean;
  readonly heartbeat: Heartbeat;
}

export interface QueueWork {
  readonly queue: string;
  /** Undefined means the virtual host in the broker's address. */
  readonly virtualHost: string | undefined;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly filterPatterns: readonly unknown[];
  readonly retry: Retry;
  readonly eventSourceArn: string | undefined;
  /** Set if it shares the keys of an exchange with other queues. */
  readonly sharedKeys?: SharedKeys | undefined;
}

/** What the runner of a queue that shares an exchange's keys needs: it declares and binds its queue itself. */
export interface SharedKeys {
  readonly rescale: RescaleSettings;
  readonly topology: Topology;
}

/** A queue's name in lines for people: as in the event, if the virtual host is stated. */
export function nameOf({ queue, virtualHost }: Pick<QueueWork, 'queue' | 'virtualHost'>): string {
  return virtualHost === undefined ? queue : `${queue}::${virtualHost}`;
}

/** Finish the running batches and end. */
export type ToThread = 'stop';

/** `queue` is its name for people, unique within the thread. */
export type FromThread =
  /** The handler is in this file and is being loaded. */
  | { readonly kind: 'located'; readonly file: string }
  | { readonly kind: 'loaded'; readonly declaresCallback: boolean }
  /** The handler returned something that has no effect. */
  | { readonly kind: 'ignored return'; readonly what: string }
  /** It will not be served, for this reason. */
  | { readonly kind: 'refused'; readonly queue: string; readonly reason: string }
  | { readonly kind: 'subscribed'; readonly queue: string }
  /** Its connection is lost, or cannot be opened; it tries again. */
  | { readonly kind: 'lost'; readonly queue: string }
  | { readonly kind: 'batch'; readonly queue: string; readonly batch: BatchDone }
  /** It has handed over, taken over, or left for good. */
  | { readonly kind: 'rescaled'; readonly queue: string; readonly change: RescaleChange }
  /** This many messages matched no pattern and were removed. */
  | { readonly kind: 'filtered'; readonly queue: string; readonly messages: number }
  | { readonly kind: 'trouble'; readonly queue: string; readonly trouble: Trouble };

/** One batch, from its arrival to its acknowledgement. */
export interface BatchDone {
  readonly messages: number;
  readonly durationMs: number;
  readonly repeated: number;
  /** The reasons of rejected messages. */
  readonly rejected: readonly string[];
}
