import { describe, expect, it } from 'vitest';
import { encodePartitionStatus } from '../../../../lib/partition-status/partition-status.js';
import { decodePartitionStatus } from '../../../../lib/partition-status/read-partition-status.js';
import { statusOf } from './statuses.js';

const STATUS = statusOf('worker01', {
  state: 'active',
  subscribedAt: 1_800_000_000_000,
  upMs: 4_000,
  batches: 2,
  messages: 5,
  repeated: 1,
  rejected: 1,
  outgoing: 6,
  reconnects: 1,
  waiting: 3,
  entries: 2,
});

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
