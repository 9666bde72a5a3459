import { describe, expect, it } from 'vitest';
import type { RunnerStatus } from '../../../../../lib/runner-status/read-runner-status.js';
import { type HeardWorkers, hearWorker, liveWorkers } from '../../../../../lib/shop/floor/live-workers.js';
import { statusOf } from '../../runner-status/statuses.js';
import { NOON } from './messages.js';

function status(name: string, more: Partial<RunnerStatus> = {}): RunnerStatus {
  return statusOf(name, { subscribedAt: NOON, ...more });
}

function hear(...told: readonly (readonly [at: number, status: RunnerStatus])[]): HeardWorkers {
  return told.reduce<HeardWorkers>((heard, [at, each]) => hearWorker(heard, each, NOON + at), new Map());
}

const rolesAt = (heard: HeardWorkers, at: number) =>
  liveWorkers(heard, NOON + at).map(({ worker, role }) => `${worker} ${role}`);

describe('workers that tell of themselves', () => {
  it('are fast by what they settled between two reports, on their own clock', () => {
    const heard = hear(
      [0, status('a', { upMs: 1_000, messages: 100 })],
      [2_500, status('a', { upMs: 3_000, messages: 150, entries: 7, waiting: 3 })],
    );
    expect(liveWorkers(heard, NOON + 2_500)).toEqual([
      { worker: 'a', queue: 'worker01_queue', role: 'active', perSecond: 25, baskets: 7 },
    ]);
    const again = hearWorker(heard, status('a', { upMs: 5_000, messages: 150 }), NOON + 4_500);
    expect(liveWorkers(again, NOON + 4_500)).toMatchObject([{ perSecond: 0 }]);
  });

  it('tell of their invocations what happened between two reports', () => {
    const sizes = (counts: number[], sum: number) => ({ counts, sum });
    const first = status('a', { batchSizes: sizes([1, 0], 1), handlerSeconds: sizes([1], 0.5), failures: 1 });
    const then = { batchSizes: sizes([2, 3], 13), handlerSeconds: sizes([5], 0.54), failures: 3 };
    const [worker] = liveWorkers(hear([0, first], [2_000, status('a', then)]), NOON + 2_000);
    expect(worker?.invocations).toMatchObject({ count: 4, failed: 2, messages: 3 });
    expect(worker?.invocations?.ms).toBeCloseTo(10);
    const [idle] = liveWorkers(hear([0, status('a', then)], [2_000, status('a', then)]), NOON + 2_000);
    expect(idle).not.toHaveProperty('invocations');
  });

  it('stand by where another was delivered to, however long they are there', () => {
    const heard = hear([0, status('old')], [0, status('new', { subscribedAt: NOON + 9, state: 'active' })]);
    expect(rolesAt(heard, 0)).toEqual(['new active', 'old standing by']);
  });

  it('are active in the order of their subscriptions where nothing was delivered', () => {
    const heard = hear([0, status('late', { subscribedAt: NOON + 5 })], [0, status('first')]);
    expect(rolesAt(heard, 0)).toEqual(['first active', 'late standing by']);
  });

  it('are followed at once when they stop, and when they fall silent', () => {
    const two = hear([0, status('a', { state: 'active' })], [0, status('b', { subscribedAt: NOON + 1 })]);
    expect(rolesAt(hearWorker(two, status('a', { state: 'stopped' }), NOON + 100), 100)).toEqual(['b active']);
    const killed = hearWorker(two, status('b', { subscribedAt: NOON + 1, state: 'active' }), NOON + 4_000);
    expect(rolesAt(killed, 4_000)).toEqual(['b active', 'a standing by']);
    expect(rolesAt(killed, 7_000)).toEqual(['b active']);
    expect(rolesAt(killed, 11_000)).toEqual([]);
  });

  it('are listed by queue; who has not subscribed is starting', () => {
    const { subscribedAt: _, ...starting } = status('c', { state: 'starting' });
    const heard = hear([0, starting], [0, status('b', { queue: 'worker02_queue' })], [0, status('a')]);
    expect(rolesAt(heard, 0)).toEqual(['a active', 'c starting', 'b active']);
  });

  it('are bounded in number', () => {
    const crowd = Array.from({ length: 500 }, (_, index) => [index, status(`w${index}`)] as const);
    expect(liveWorkers(hear(...crowd), NOON + 500)).toHaveLength(200);
  });

  it('keep their places, however many made-up ones tell of themselves', () => {
    const flood = (at: number) => Array.from({ length: 250 }, (_, n) => [at, status(`made up ${n}`)] as const);
    const real = (at: number) => [at, status('real', { upMs: 1_000 + at, messages: at })] as const;
    const heard = hear(real(0), ...flood(1_000), real(2_000), ...flood(3_000), real(4_000));
    const [worker] = liveWorkers(heard, NOON + 4_000).filter(({ worker }) => worker === 'real');
    expect(worker).toMatchObject({ perSecond: 1_000 });
    expect(
      liveWorkers(hearWorker(heard, status('next'), NOON + 9_900), NOON + 9_900).map(({ worker }) => worker),
    ).toContain('next');
  });

  it('have a place before those of a queue that is not there, whoever came first', () => {
    const heard = Array.from({ length: 250 }, (_, n) =>
      status(`w${n}`, { queue: `no queue ${n}` }),
    ).reduce<HeardWorkers>((heard, each) => hearWorker(heard, each, NOON, isQueue), new Map());
    const later = hearWorker(heard, status('real', { queue: 'queue' }), NOON, isQueue);
    expect(liveWorkers(later, NOON).map(({ worker }) => worker)).toContain('real');
    const again = Array.from({ length: 250 }, (_, n) => status(`v${n}`, { queue: `none ${n}` })).reduce(
      (heard, each) => hearWorker(heard, each, NOON, isQueue),
      later,
    );
    expect(liveWorkers(again, NOON).map(({ worker }) => worker)).toContain('real');

    function isQueue(name: string): boolean {
      return name === 'queue';
    }
  });

  it('have a place before the last ones of a queue that many say they are of', () => {
    const first = [0, status('first')] as const;
    const crowd = Array.from({ length: 250 }, (_, n) => [0, status(`w${n}`)] as const);
    const other = [0, status('other', { queue: 'worker02_queue' })] as const;
    const names = liveWorkers(hear(first, ...crowd, other, ...crowd), NOON).map(({ worker }) => worker);
    expect(names).toEqual(expect.arrayContaining(['first', 'other']));
    expect(names).toHaveLength(200);
  });
});
