import { describe, expect, it } from 'vitest';
import { BATCH_SIZE_BOUNDS, HANDLER_SECONDS_BOUNDS, Histogram } from '../../lib/partition-status/histogram.js';
import {
  decodePartitionStatus,
  encodePartitionStatus,
  type PartitionStatus,
} from '../../lib/partition-status/partition-status.js';

const STATUS: PartitionStatus = {
  partition: '5f0c6d0e-8a6b-4a3c-9f63-2d6c2f6a7f11',
  name: 'worker01',
  queue: 'worker01_queue',
  state: 'active',
  subscribedAt: 1_800_000_000_000,
  upMs: 4_000,
  batches: 2,
  messages: 5,
  repeated: 1,
  rejected: 1,
  outgoing: 6,
  reconnects: 1,
  failures: 0,
  batchSizes: new Histogram(BATCH_SIZE_BOUNDS).state,
  handlerSeconds: new Histogram(HANDLER_SECONDS_BOUNDS).state,
  waiting: 3,
  entries: 2,
};

describe('the status of a partition', () => {
  it('comes back as it was told', () => {
    expect(decodePartitionStatus(encodePartitionStatus(STATUS))).toEqual(STATUS);
    const { subscribedAt: _, ...starting } = STATUS;
    expect(decodePartitionStatus(encodePartitionStatus(starting))).toEqual(starting);
  });

  it.each([
    'no JSON',
    'null',
    '{}',
    JSON.stringify({ ...STATUS, v: 2 }),
    JSON.stringify({ ...STATUS, v: 1, messages: -1 }),
    JSON.stringify({ ...STATUS, v: 1, state: 'asleep' }),
    JSON.stringify({ ...STATUS, v: 1, batchSizes: { counts: [1], sum: 1 } }),
    JSON.stringify({ ...STATUS, v: 1, name: 'x'.repeat(256) }),
  ])('is none: %s', (json) => {
    expect(decodePartitionStatus(json)).toBeUndefined();
  });
});
