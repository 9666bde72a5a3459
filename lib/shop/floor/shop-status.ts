import type { LiveWorker } from './live-workers.js';

/** What is known about the shop at this moment, in addition to the streams. Plain JSON. */
export interface ShopStatus {
  /** Whether the streams are being read. */
  readonly connected: boolean;
  /** Why the broker currently accepts no messages, in its own words: `low on memory`, `low on disk`. */
  readonly alarm?: string | undefined;
  readonly queues: readonly QueueDepth[];
  readonly workers: readonly LiveWorker[];
  /** Workers that have reported themselves, including gone ones, and whose names do not show which queue they serve. */
  readonly signers: readonly Signer[];
  /** Baskets that workers keep, minus those that the stream still shows. */
  readonly unlistedBaskets: number;
  /** Dead letters in the log that are neither in their queue nor taken out by a person. */
  readonly missingLetters: number;
  /** Dead letters in their queue without an entry of their own in the log, because equal messages share one. */
  readonly unloggedLetters: number;
  /** The rescale that is under way. */
  readonly rescale?: RescaleProgress | undefined;
  /** What someone is doing with dead letters, or did last. */
  readonly action?: ActionProgress;
}

export interface Signer {
  readonly worker: string;
  readonly queue: string;
}

export interface RescaleProgress {
  /** The queues that will share the products. */
  readonly queues: readonly string[];
  /** The queues that have not handed over, or not taken over. */
  readonly waitsFor: readonly string[];
}

export interface ActionProgress {
  /** Milliseconds since 1970: distinguishes two actions with the same result. */
  readonly startedAt: number;
  readonly kind: 'redrive' | 'purge';
  readonly state: 'running' | 'done' | 'failed';
  readonly done: number;
  /** 0 while they are being looked for. */
  readonly total: number;
  /** Why it was not completed. */
  readonly problem?: string;
}

export interface QueueDepth {
  readonly name: string;
  readonly role: 'worker' | 'bills' | 'dead letters';
  /** A queue that has not been declared yet does not exist. */
  readonly present: boolean;
  /** Waiting messages; delivered ones are not counted. */
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
