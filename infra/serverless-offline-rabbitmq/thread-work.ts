import type { Retry } from '../../lib/rabbitmq/polling/batch.js';
import type { Trouble } from '../terminal/prose.js';

/** What one thread does: a handler, loaded once, and the queues it serves, each a partition of its own. */
export interface ThreadWork {
  readonly functionName: string;
  readonly memoryMb: number;
  readonly handler: HandlerLocation;
  readonly timeoutMs: number;
  readonly queues: readonly QueueWork[];
  readonly amqpUrl: string;
  readonly prefetch: number | undefined;
  readonly attempts: number | undefined;
  /** The memory is kept in a stream beside each queue. */
  readonly changelog: boolean;
  readonly deadLetterLog: string | undefined;
  readonly statusExchange: string | undefined;
  /** One `Int32`, counted up by the thread's event loop: a loop that hangs stops counting. */
  readonly heartbeat: SharedArrayBuffer;
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
}

/** `dist/handlers/till.handler`, resolved. */
export interface HandlerLocation {
  readonly file: string;
  readonly exportName: string;
}

/** Finish the running batches and end. */
export type ToThread = 'stop';

export type FromThread =
  | { readonly kind: 'subscribed'; readonly queue: string }
  | { readonly kind: 'batch'; readonly queue: string; readonly batch: BatchDone }
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
