import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { BATCH_SIZE_BOUNDS } from '../../lib/runner-status/histogram.js';
import type { ServedQueue, ServiceObserver } from '../functions/served-function.js';
import type { BatchDone } from '../functions/thread-work.js';

const LABELS = ['function', 'queue'] as const;
const SECONDS_BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/** The health of a process that feeds functions. Counts start with the process. */
export class ServiceHealth implements ServiceObserver {
  readonly #registry = new Registry();
  /** By function and queue, whether it is subscribed: it is active, or stands by. */
  readonly #subscribed = new Map<string, boolean>();
  #stopping = false;

  readonly #received = this.#counter('messages_received_total', 'Messages settled.');
  readonly #repeated = this.#counter('messages_repeated_total', 'Messages that had been handled before.');
  readonly #rejected = this.#counter('messages_dead_lettered_total', 'Messages that were rejected.');
  readonly #subscriptions = new Gauge({
    name: 'smart_shopping_subscribed',
    help: 'Whether a function is subscribed to its queue: 1 or 0.',
    labelNames: LABELS,
    registers: [this.#registry],
  });
  readonly #sizes = this.#histogram('batch_size', 'Messages of a batch.', BATCH_SIZE_BOUNDS);
  readonly #seconds = this.#histogram(
    'batch_duration_seconds',
    'Time from the arrival of a batch to its acknowledgement.',
    SECONDS_BOUNDS,
  );

  readonly contentType = this.#registry.contentType;

  /** @param queues everything to be served */
  constructor(queues: readonly ServedQueue[]) {
    collectDefaultMetrics({ register: this.#registry });
    for (const served of queues) {
      this.#set(served, false);
      // A rate needs an initial value.
      for (const counter of [this.#received, this.#repeated, this.#rejected]) counter.inc(labelsOf(served), 0);
    }
  }

  subscribed(served: ServedQueue): void {
    this.#set(served, true);
  }

  lost(served: ServedQueue): void {
    this.#set(served, false);
  }

  batch(served: ServedQueue, { messages, durationMs, repeated, rejected }: BatchDone): void {
    const labels = labelsOf(served);
    this.#received.inc(labels, messages);
    this.#repeated.inc(labels, repeated);
    this.#rejected.inc(labels, rejected.length);
    this.#sizes.observe(labels, messages);
    this.#seconds.observe(labels, durationMs / 1_000);
  }

  /** It is no longer ready, so that load balancers go elsewhere. */
  stops(): void {
    this.#stopping = true;
  }

  /** Empty if all is well. */
  get unready(): readonly string[] {
    if (this.#stopping) return ['stopping'];
    return [...this.#subscribed].filter(([, subscribed]) => !subscribed).map(([name]) => name);
  }

  /** Metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #set(served: ServedQueue, subscribed: boolean): void {
    this.#subscribed.set(`${served.functionKey} ${served.queue}`, subscribed);
    this.#subscriptions.set(labelsOf(served), subscribed ? 1 : 0);
  }

  #counter(name: string, help: string): Counter<(typeof LABELS)[number]> {
    return new Counter({ name: `smart_shopping_${name}`, help, labelNames: LABELS, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, bounds: readonly number[]): Histogram<(typeof LABELS)[number]> {
    const registers = [this.#registry];
    return new Histogram({ name: `smart_shopping_${name}`, help, labelNames: LABELS, buckets: [...bounds], registers });
  }
}

function labelsOf({ functionKey, queue }: ServedQueue): Record<(typeof LABELS)[number], string> {
  return { function: functionKey, queue };
}
