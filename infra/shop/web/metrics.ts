import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RescaleRecord } from '../../../lib/rabbitmq/rescale/rescale-record.js';
import { BATCH_SIZE_BOUNDS, HANDLER_SECONDS_BOUNDS } from '../../../lib/runner-status/histogram.js';
import type { RunnerStatus } from '../../../lib/runner-status/read-runner-status.js';
import { instantOf } from '../../../lib/shop/domain/instant.js';
import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import { whoGivesWay } from '../../../lib/shop/floor/live-workers.js';
import type { ShopStatus } from '../../../lib/shop/floor/shop-status.js';
import { ReportedHistogram } from './reported-histogram.js';

const WORKER = ['queue', 'worker'] as const;
const QUEUE = ['queue'] as const;
type WorkerLabels = Record<(typeof WORKER)[number], string>;
/** The number of runs whose last report is kept, to find out what is new in the next one. */
const RUNNERS_REMEMBERED = 1_000;
/** Workers and queues with series of their own; limited, because names come from outside. */
const SERIES_AT_MOST = 200;
/** For a worker that reports every two seconds. */
const SILENT_MS = 60_000;
const END_TO_END_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** An event with an older timestamp was not sent as it happened. */
const OLDEST_S = 3_600;

/** The shop's metrics for Prometheus. Counters start with this server and include nothing of the streams' past. */
export class ShopMetrics {
  readonly #registry = new Registry();
  readonly #last = new Map<string, RunnerStatus>();
  /** By queue and worker: the time of the last report. The one that came first stays first. */
  readonly #series = new Map<string, { readonly labels: WorkerLabels; readonly heardAt: number }>();

  readonly #received = this.#counter('messages_received_total', 'Messages that workers have settled.', WORKER);
  readonly #repeated = this.#counter('messages_repeated_total', 'Messages that had been handled before.', WORKER);
  readonly #rejected = this.#counter('messages_dead_lettered_total', 'Messages that workers rejected.', WORKER);
  readonly #outgoing = this.#counter('messages_sent_total', 'Messages that handlers had sent.', WORKER);
  readonly #retries = this.#counter(
    'invocation_retries_total',
    'Invocations that failed, whether tried again or given up.',
    WORKER,
  );
  readonly #reconnects = this.#counter('reconnects_total', 'Connections of workers after their first one.', WORKER);
  readonly #skipped = this.#counter(
    'changelog_records_skipped_total',
    'Changelog records, and values in them, that workers refused.',
    WORKER,
  );
  readonly #billed = this.#counter('bills_total', 'Bills that customers were sent.', []);
  readonly #removed = this.#counter('dead_letters_removed_total', 'Dead letters that people redrove or purged.', [
    'how',
  ]);
  readonly #batchSize = this.#reported('batch_size', 'Messages per invocation.', BATCH_SIZE_BOUNDS);
  readonly #handler = this.#reported(
    'handler_duration_seconds',
    'Time that the handler took for an invocation.',
    HANDLER_SECONDS_BOUNDS,
  );
  readonly #endToEnd = new Histogram({
    name: 'smart_shopping_end_to_end_seconds',
    help: "From an event's own timestamp until its alert or bill was read here.",
    labelNames: ['what'],
    buckets: END_TO_END_BOUNDS,
    registers: [this.#registry],
  });
  readonly #depth = this.#gauge('queue_messages', 'Messages waiting in a queue.', QUEUE);
  readonly #readers = this.#gauge('queue_consumers', 'Consumers of a queue.', QUEUE);
  readonly #baskets = this.#gauge('open_baskets', 'Products in the baskets of a worker.', WORKER);
  readonly #connected = this.#gauge('broker_connected', 'Whether the streams are being read: 1 or 0.', []);

  readonly #rescaling = this.#gauge('rescale_under_way', 'Whether a rescale is under way: 1 or 0.', []);
  readonly #moved = this.#counter('rescaled_entries_total', 'Open baskets that a queue took over.', QUEUE);
  readonly #paused = this.#gauge(
    'rescale_pause_seconds',
    'How long a queue handled nothing else when it last handed over or took over.',
    QUEUE,
  );

  readonly contentType = this.#registry.contentType;

  /** A worker has reported. */
  hear(status: RunnerStatus, now = performance.now()): void {
    const { partition: runner, queue, name: worker } = status;
    if (!this.#hasSeries({ queue, worker }, now)) return;
    const last = this.#last.get(runner);
    this.#last.delete(runner);
    this.#last.set(runner, status);
    const [oldest] = this.#last.keys();
    if (oldest !== undefined && this.#last.size > RUNNERS_REMEMBERED) this.#last.delete(oldest);
    const labels = { queue, worker };
    const count = (
      counter: Counter,
      of: 'messages' | 'repeated' | 'rejected' | 'outgoing' | 'failures' | 'reconnects' | 'skippedRecords',
    ) => counter.inc(labels, Math.max(0, (status[of] ?? 0) - (last?.[of] ?? 0)));
    count(this.#received, 'messages');
    count(this.#repeated, 'repeated');
    count(this.#rejected, 'rejected');
    count(this.#outgoing, 'outgoing');
    count(this.#retries, 'failures');
    count(this.#reconnects, 'reconnects');
    count(this.#skipped, 'skippedRecords');
    this.#batchSize.add(labels, status.batchSizes, last?.batchSizes);
    this.#handler.add(labels, status.handlerSeconds, last?.handlerSeconds);
  }

  /** If there are too many, the series of a silent one end, else those of the last one on the queue with most workers. */
  #hasSeries(labels: WorkerLabels, now: number): boolean {
    const key = JSON.stringify([labels.queue, labels.worker]);
    this.#series.set(key, { labels, heardAt: now });
    if (this.#series.size <= SERIES_AT_MOST) return true;
    const silent = [...this.#series].find(([, { heardAt }]) => now - heardAt >= SILENT_MS)?.[0];
    const queues = [...this.#series].map(([each, { labels }]) => [each, labels.queue] as const);
    const ended = silent ?? whoGivesWay(queues, () => true) ?? key;
    for (const metric of this.#ofWorkers()) metric.remove(this.#series.get(ended)?.labels ?? labels);
    this.#series.delete(ended);
    return ended !== key;
  }

  #ofWorkers(): readonly { remove(labels: WorkerLabels): void }[] {
    const counters = [this.#received, this.#repeated, this.#rejected, this.#outgoing, this.#retries, this.#reconnects];
    return [...counters, this.#skipped, this.#batchSize, this.#handler];
  }

  /** Events have just happened. @param now milliseconds since 1970 */
  happened(events: readonly FloorEvent[], now: number): void {
    for (const event of events) {
      if (event.kind === 'removed') this.#removed.inc({ how: event.fate });
      if (event.kind === 'bill') this.#billed.inc();
      if (event.kind === 'alert') this.#took('alert', event.event.timestamp, now);
      if (event.kind === 'bill') this.#took('bill', event.bill.purchasedAt, now);
    }
  }

  /** A queue has handed over, or taken over. */
  rescaled(record: RescaleRecord): void {
    if (record.kind !== 'gave' && record.kind !== 'took') return;
    const { kind, queue, entries, ms } = record;
    if (kind === 'took') this.#moved.inc({ queue }, entries);
    if (ms !== undefined) this.#paused.set({ queue }, ms / 1000);
  }

  /** Metrics in Prometheus' text format. */
  async text({ connected, queues, workers, rescale }: ShopStatus): Promise<string> {
    for (const gauge of [this.#depth, this.#readers, this.#baskets]) gauge.reset();
    this.#connected.set(connected ? 1 : 0);
    this.#rescaling.set(rescale === undefined ? 0 : 1);
    for (const { name: queue, present, waiting, consumers } of queues) {
      if (!present) continue;
      this.#depth.set({ queue }, waiting);
      this.#readers.set({ queue }, consumers);
    }
    for (const { queue, worker, role, baskets } of workers) {
      if (role === 'active') this.#baskets.set({ queue, worker }, baskets);
    }
    return this.#registry.metrics();
  }

  #took(what: 'alert' | 'bill', timestamp: string, now: number): void {
    const instant = instantOf(timestamp);
    const seconds = instant === undefined ? -1 : (now - instant) / 1000;
    if (seconds >= 0 && seconds <= OLDEST_S) this.#endToEnd.observe({ what }, seconds);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `smart_shopping_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name: `smart_shopping_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #reported(name: string, help: string, bounds: readonly number[]): ReportedHistogram {
    const registry = this.#registry;
    return new ReportedHistogram({ name: `smart_shopping_${name}`, help, bounds, labelNames: WORKER, registry });
  }
}
