import type { LiveWorker } from './live-workers.js';

/** What is known of the shop at this moment, beside what the streams tell. JSON as it stands. */
export interface ShopStatus {
  /** Whether the streams are being read. */
  readonly connected: boolean;
  /** Why the broker takes no messages at this moment, as it says it: `low on memory`, `low on disk`. */
  readonly alarm?: string | undefined;
  readonly queues: readonly QueueDepth[];
  readonly workers: readonly LiveWorker[];
  /** Workers that have told of themselves, gone ones too, whose names do not say which queue they serve. */
  readonly signers: readonly Signer[];
  /** Baskets that workers keep, less those that the stream still tells of. */
  readonly unlistedBaskets: number;
  /** Dead letters of the log that are not in their queue, nor taken out by a person. */
  readonly missingLetters: number;
  /** Dead letters in their queue that have no entry of their own in the log: equal messages share one. */
  readonly unloggedLetters: number;
  /** The products are being shared anew. */
  readonly rescale?: RescaleProgress | undefined;
  /** What a person does with dead letters, or did last. */
  readonly action?: ActionProgress;
}

export interface Signer {
  readonly worker: string;
  readonly queue: string;
}

export interface RescaleProgress {
  /** Those that share the products in the end. */
  readonly queues: readonly string[];
  /** Those that have not handed over, or not taken over. */
  readonly waitsFor: readonly string[];
}

export interface ActionProgress {
  /** Milliseconds since 1970: two actions that end alike are two. */
  readonly startedAt: number;
  readonly kind: 'redrive' | 'purge';
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number;
  /** 0 while they are being looked for. */
  readonly total: number;
  /** Why not all of it was done. */
  readonly problem?: string;
}

export interface QueueDepth {
  readonly name: string;
  readonly role: 'worker' | 'bills' | 'dead letters';
  /** A queue that nobody has declared yet is not there. */
  readonly present: boolean;
  /** Messages that wait; delivered ones are not counted. */
  readonly waiting: number;
  readonly consumers: number;
}

export const NOTHING_KNOWN: ShopStatus = {
  connected: false,
  queues: [],
  workers: [],
  signers: [],
  unlistedBaskets: 0,
  missingLetters: 0,
  unloggedLetters: 0,
};
