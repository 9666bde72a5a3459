import { randomUUID } from 'node:crypto';
import { BATCH_SIZE_BOUNDS, HANDLER_SECONDS_BOUNDS, Histogram } from '../../runner-status/histogram.js';
import type { RunnerStatus } from '../../runner-status/read-runner-status.js';
import type { BatchReport } from './batch-report.js';

/** One call of the handler. */
export interface Invoked {
  readonly messages: number;
  /** The time of the handler alone. */
  readonly ms: number;
  /** It threw, or took too long. */
  readonly failed: boolean;
}

/** What a runner has done since it started, over all its connections. */
export class RunnerActivity {
  readonly #runner = randomUUID();
  readonly #startedAt = performance.now();
  readonly #counts = { batches: 0, messages: 0, repeated: 0, rejected: 0, outgoing: 0, failures: 0 };
  readonly #batchSizes = new Histogram(BATCH_SIZE_BOUNDS);
  readonly #handlerSeconds = new Histogram(HANDLER_SECONDS_BOUNDS);
  #skippedRecords = 0;
  #connections = 0;
  #state: RunnerStatus['state'] = 'starting';
  #subscription: { readonly at: number; readonly waiting: readonly unknown[] } | undefined;

  /** On a new connection. */
  begins(): void {
    this.#connections++;
    this.#state = 'starting';
    this.#subscription = undefined;
  }

  subscribed({ waiting }: { readonly waiting: readonly unknown[] }): void {
    this.#subscription = { at: this.#subscription?.at ?? Date.now(), waiting };
    if (this.#state === 'starting') this.#state = 'subscribed';
  }

  delivered(): void {
    this.#state = 'active';
  }

  invoked({ messages, ms, failed }: Invoked): void {
    this.#batchSizes.observe(messages);
    this.#handlerSeconds.observe(ms / 1000);
    if (failed) this.#counts.failures++;
  }

  settled({ messages, repeated, rejected, outgoing }: BatchReport): void {
    const counts = this.#counts;
    counts.batches++;
    counts.messages += messages;
    counts.repeated += repeated;
    counts.rejected += rejected.length;
    counts.outgoing += outgoing;
  }

  /** An entry of the changelog, or a value in one, is refused. */
  skipped(): void {
    this.#skippedRecords++;
  }

  /** Its last subscription has ended, and no other follows. */
  ends(): void {
    this.#state = 'stopped';
  }

  get now(): Omit<RunnerStatus, 'name' | 'queue' | 'entries'> {
    return {
      partition: this.#runner,
      state: this.#state,
      ...(this.#subscription !== undefined && { subscribedAt: this.#subscription.at }),
      upMs: Math.round(performance.now() - this.#startedAt),
      ...this.#counts,
      reconnects: Math.max(0, this.#connections - 1),
      batchSizes: this.#batchSizes.state,
      handlerSeconds: this.#handlerSeconds.state,
      ...(this.#skippedRecords > 0 && { skippedRecords: this.#skippedRecords }),
      waiting: this.#subscription?.waiting.length ?? 0,
    };
  }
}
