import { expect, it } from 'vitest';
import { BasketBalance } from '../../../../../infra/shop/web/basket-balance.js';
import type { LiveWorker } from '../../../../../lib/shop/floor/live-workers.js';

const QUEUES = ['a', 'b'].map((name) => ({ name, role: 'worker' as const, present: true, waiting: 0, consumers: 1 }));
const worker = (queue: string, baskets: number, role: LiveWorker['role'] = 'active'): LiveWorker => ({
  worker: queue,
  queue,
  role,
  perSecond: 0,
  baskets,
});
const looked = (...looks: readonly (readonly [listed: number, ...workers: LiveWorker[]])[]) => {
  const balance = new BasketBalance();
  return looks.map(([listed, ...workers]) => balance.look(listed, QUEUES, workers).unlistedBaskets);
};

it('baskets are unlisted that workers lastingly keep beyond those of the stream', () => {
  const workers = [worker('a', 5), worker('b', 7), worker('b', 7, 'standing by')];
  expect(looked([2, ...workers], [2, ...workers], [2, ...workers], [4, ...workers])).toEqual([0, 0, 10, 8]);
});

it('what a worker is about to report tells nothing, in either direction', () => {
  const now = (baskets: number) => [worker('a', baskets), worker('b', 0)];
  expect(looked([3, ...now(0)], [3, ...now(5)], [3, ...now(3)], [3, ...now(1)])).toEqual([0, 0, 0, 0]);
});

it('fewer are kept than are listed where a worker was made to forget', () => {
  const workers = [worker('a', 0), worker('b', 1)];
  expect(looked([4, ...workers], [4, ...workers], [4, ...workers])).toEqual([0, 0, -3]);
});

it('while a worker is away, the last that was known stands', () => {
  const both = [worker('a', 5), worker('b', 5)];
  expect(looked([2, ...both], [2, ...both], [2, ...both], [2, worker('a', 5)], [2, ...both])).toEqual([0, 0, 8, 8, 8]);
});
