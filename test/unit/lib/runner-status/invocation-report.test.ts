import { describe, expect, it } from 'vitest';
import { encodeInvocationReport, MOST_ITEMS } from '../../../../lib/runner-status/invocation-report.js';
import { decodeInvocationReport } from '../../../../lib/runner-status/read-invocation-report.js';
import { invocationOf } from './statuses.js';

const REPORT = invocationOf('worker01', {
  items: [
    { messageId: 'a', sentAt: 1_800_000_000_123, sent: ['bill'] },
    { sent: [], rejected: 'unknown product' },
  ],
  lines: ['{"level":"INFO"}'],
});

describe('the report of an invocation', () => {
  it('comes back as it was told', () => {
    expect(decodeInvocationReport(encodeInvocationReport(REPORT))).toEqual(REPORT);
    const { confirmedMs: _, settledMs: __, ...failed } = REPORT;
    const withError = { ...failed, error: 'no database' };
    expect(decodeInvocationReport(encodeInvocationReport(withError))).toEqual(withError);
  });

  it.each([
    'no JSON',
    'null',
    '{}',
    JSON.stringify({ ...REPORT, v: 2 }),
    JSON.stringify({ ...REPORT, v: 1, handlerMs: -1 }),
    JSON.stringify({ ...REPORT, v: 1, lines: ['x'.repeat(1_001)] }),
    JSON.stringify({ ...REPORT, v: 1, items: Array(MOST_ITEMS + 1).fill({ sent: [] }) }),
  ])('is none: %#', (json) => {
    expect(decodeInvocationReport(json)).toBeUndefined();
  });
});
