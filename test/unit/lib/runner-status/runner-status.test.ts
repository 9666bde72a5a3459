import { describe, expect, it } from 'vitest';
import { decodeRunnerStatus } from '../../../../lib/runner-status/read-runner-status.js';
import { encodeRunnerStatus } from '../../../../lib/runner-status/runner-status.js';
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

describe('the status of a runner', () => {
  it('comes back as it was told', () => {
    expect(decodeRunnerStatus(encodeRunnerStatus(STATUS))).toEqual(STATUS);
    const { subscribedAt: _, ...starting } = STATUS;
    expect(decodeRunnerStatus(encodeRunnerStatus(starting))).toEqual(starting);
  });

  it.each([
    'no JSON',
    'null',
    '{}',
    JSON.stringify({ ...STATUS, v: 2 }),
    JSON.stringify({ ...STATUS, v: 1, messages: -1 }),
    JSON.stringify({ ...STATUS, v: 1, state: 'asleep' }),
    JSON.stringify({ ...STATUS, v: 1, batchSizes: { counts: [1], sum: 1 } }),
    JSON.stringify({ ...STATUS, v: 1, handlerSeconds: { ...STATUS.handlerSeconds, sum: 1e308 } }),
    JSON.stringify({ ...STATUS, v: 1, name: 'x'.repeat(256) }),
  ])('is none: %s', (json) => {
    expect(decodeRunnerStatus(json)).toBeUndefined();
  });
});
