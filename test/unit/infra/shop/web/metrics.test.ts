import { describe, expect, it } from 'vitest';
import { ShopMetrics } from '../../../../../infra/shop/web/metrics.js';
import { BATCH_SIZE_BOUNDS, Histogram } from '../../../../../lib/runner-status/histogram.js';
import type { RunnerStatus } from '../../../../../lib/runner-status/read-runner-status.js';
import { NOTHING_KNOWN } from '../../../../../lib/shop/floor/shop-status.js';
import { statusOf } from '../../../lib/runner-status/statuses.js';
import { billed, NOON, told } from '../../../lib/shop/floor/messages.js';

const sizes = new Histogram(BATCH_SIZE_BOUNDS);

function status(more: Partial<RunnerStatus>): RunnerStatus {
  return statusOf('worker01', { batchSizes: sizes.state, ...more });
}

const LABELS = 'queue="worker01_queue",worker="worker01"';

describe('what is counted', () => {
  it('goes up by what a worker has done since its last report, and goes on with its successor', async () => {
    const metrics = new ShopMetrics();
    metrics.hear(status({ messages: 5, rejected: 1 }));
    metrics.hear(status({ messages: 8, rejected: 1, failures: 2 }));
    metrics.hear(status({ partition: 'another run', messages: 2 }));
    const text = await metrics.text(NOTHING_KNOWN);
    expect(text).toContain(`smart_shopping_messages_received_total{${LABELS}} 10\n`);
    expect(text).toContain(`smart_shopping_messages_dead_lettered_total{${LABELS}} 1\n`);
    expect(text).toContain(`smart_shopping_invocation_retries_total{${LABELS}} 2\n`);
    expect(text).toContain('smart_shopping_broker_connected 0\n');
  });

  it('has histograms that sum up their buckets', async () => {
    const metrics = new ShopMetrics();
    sizes.observe(3);
    metrics.hear(status({ batchSizes: sizes.state }));
    sizes.observe(5_000);
    metrics.hear(status({ batchSizes: sizes.state }));
    const text = await metrics.text(NOTHING_KNOWN);
    expect(text).toContain(`smart_shopping_batch_size_bucket{le="2",${LABELS}} 0\n`);
    expect(text).toContain(`smart_shopping_batch_size_bucket{le="4",${LABELS}} 1\n`);
    expect(text).toContain(`smart_shopping_batch_size_bucket{le="1024",${LABELS}} 1\n`);
    expect(text).toContain(`smart_shopping_batch_size_bucket{le="+Inf",${LABELS}} 2\n`);
    expect(text).toContain(`smart_shopping_batch_size_sum{${LABELS}} 5003\n`);
    expect(text).toContain(`smart_shopping_batch_size_count{${LABELS}} 2\n`);
  });

  it('tells how long it took from event to alert and bill, but for what was not sent as it happened', async () => {
    const metrics = new ShopMetrics();
    const events = [told('pick up', 'AX'), billed('AX', 8, 'customer-1', { purchasedAt: '2026-01-05T12:00:00.000Z' })];
    metrics.happened(events, NOON + 40);
    metrics.happened([told('pick up', 'AX')], NOON - 40);
    metrics.happened([told('pick up', 'AX')], NOON + 7_200_000);
    const text = await metrics.text(NOTHING_KNOWN);
    expect(text).toContain('smart_shopping_end_to_end_seconds_bucket{le="0.05",what="alert"} 1\n');
    expect(text).toContain('smart_shopping_end_to_end_seconds_count{what="alert"} 1\n');
    expect(text).toContain('smart_shopping_end_to_end_seconds_bucket{le="0.025",what="bill"} 0\n');
    expect(text).toContain('smart_shopping_end_to_end_seconds_count{what="bill"} 1\n');
    expect(text).toContain('smart_shopping_bills_total 1\n');
  });

  it('gives the series of workers that are silent to others, and those of none that tells of itself', async () => {
    const metrics = new ShopMetrics();
    const madeUp = (index: number) => status({ partition: `p${index}`, name: `w${index}`, messages: 7 });
    metrics.hear(status({ messages: 1 }), 0);
    for (let index = 0; index < 250; index++) metrics.hear(madeUp(index), 1_000);
    metrics.hear(status({ messages: 3 }), 60_000);
    const late = status({ partition: 'late', name: 'late', messages: 5 });
    metrics.hear(late, 60_500);
    expect(await metrics.text(NOTHING_KNOWN)).not.toContain('worker="late"');
    metrics.hear(late, 61_000);
    const text = await metrics.text(NOTHING_KNOWN);
    expect(text).toContain('received_total{queue="worker01_queue",worker="late"} 5\n');
    expect(text).toContain(`smart_shopping_messages_received_total{${LABELS}} 3\n`);
    expect(text).not.toContain('worker="w0"');
    expect(text).toContain('worker="w1"');
  });

  it('gives a place to a worker of another queue, however many tell that they are of one', async () => {
    const metrics = new ShopMetrics();
    metrics.hear(status({ messages: 1 }));
    for (let index = 0; index < 250; index++) metrics.hear(status({ partition: `p${index}`, name: `w${index}` }));
    metrics.hear(status({ partition: 'late', name: 'worker02', queue: 'worker02_queue', messages: 5 }));
    metrics.hear(status({ messages: 3 }));
    const text = await metrics.text(NOTHING_KNOWN);
    expect(text).toContain('received_total{queue="worker02_queue",worker="worker02"} 5\n');
    expect(text).toContain(`smart_shopping_messages_received_total{${LABELS}} 3\n`);
  });

  it('has no more series than people can look at, whatever names come', async () => {
    const metrics = new ShopMetrics();
    for (let index = 0; index < 1_000; index++) metrics.hear(status({ partition: `p${index}`, name: `w${index}` }));
    const text = await metrics.text(NOTHING_KNOWN);
    expect(text.match(/smart_shopping_messages_received_total\{/g)).toHaveLength(200);
  });
});
