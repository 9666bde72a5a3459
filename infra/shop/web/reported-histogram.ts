import type { Metric, Registry } from 'prom-client';
import type { HistogramState } from '../../../lib/runner-status/histogram.js';

export interface ReportedHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds of all buckets except the last. */
  readonly bounds: readonly number[];
  readonly labelNames: readonly string[];
  readonly registry: Registry;
}

type Labels = Readonly<Record<string, string>>;

/** A histogram whose observations were counted elsewhere; prom-client's own counts one at a time. */
export class ReportedHistogram {
  readonly #bounds: readonly number[];
  readonly #byLabels = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();

  constructor({ name, help, bounds, labelNames, registry }: ReportedHistogramOptions) {
    this.#bounds = bounds;
    const get = async () => ({ name, help, type: 'histogram', values: this.#values(name), aggregator: 'sum' });
    registry.registerMetric({ name, help, labelNames, get, reset: () => this.#byLabels.clear() } as unknown as Metric);
  }

  /** Adds what was counted since the previous state. */
  add(labels: Labels, { counts, sum }: HistogramState, before: HistogramState | undefined): void {
    const key = JSON.stringify(labels);
    const kept = this.#byLabels.get(key) ?? { labels, counts: counts.map(() => 0), sum: 0 };
    this.#byLabels.set(key, kept);
    counts.forEach((count, index) => {
      kept.counts[index] = (kept.counts[index] ?? 0) + Math.max(0, count - (before?.counts[index] ?? 0));
    });
    kept.sum += Math.max(0, sum - (before?.sum ?? 0));
  }

  remove(labels: Labels): void {
    this.#byLabels.delete(JSON.stringify(labels));
  }

  #values(name: string) {
    return [...this.#byLabels.values()].flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = counts.map((count, index) => {
        total += count;
        const le = this.#bounds[index] ?? '+Inf';
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: total };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: total },
      ];
    });
  }
}
