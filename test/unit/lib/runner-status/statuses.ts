import { BATCH_SIZE_BOUNDS, HANDLER_SECONDS_BOUNDS, Histogram } from '../../../../lib/runner-status/histogram.js';
import type { InvocationReport } from '../../../../lib/runner-status/read-invocation-report.js';
import type { RunnerStatus } from '../../../../lib/runner-status/read-runner-status.js';

/** A runner that has done nothing yet, except what the test says. */
export function statusOf(name: string, more: Partial<RunnerStatus> = {}): RunnerStatus {
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

/** A successful invocation with one message, except for what the test says. */
export function invocationOf(name: string, more: Partial<InvocationReport> = {}): InvocationReport {
  return {
    requestId: '11111111-2222-4333-8444-555555555555',
    name,
    queue: `${name}_queue`,
    startedAt: 1_800_000_000_000,
    handlerMs: 0.5,
    confirmedMs: 2,
    settledMs: 2.25,
    messages: 1,
    items: [{ messageId: 'event', sent: [] }],
    lines: [],
    linesLeftOff: 0,
    ...more,
  };
}
