import { BATCH_SIZE_BOUNDS, HANDLER_SECONDS_BOUNDS, Histogram } from '../../lib/partition-status/histogram.js';
import type { PartitionStatus } from '../../lib/partition-status/partition-status.js';

/** A partition that has done nothing yet, but for what the test says. */
export function statusOf(name: string, more: Partial<PartitionStatus> = {}): PartitionStatus {
  return {
    partition: name,
    name,
    queue: 'worker01_queue',
    state: 'subscribed',
    upMs: 0,
    batches: 0,
    messages: 0,
    repeated: 0,
    rejected: 0,
    outgoing: 0,
    reconnects: 0,
    failures: 0,
    batchSizes: new Histogram(BATCH_SIZE_BOUNDS).state,
    handlerSeconds: new Histogram(HANDLER_SECONDS_BOUNDS).state,
    waiting: 0,
    entries: 0,
    ...more,
  };
}
