import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type DecideItem, queueFunction } from '../../../../../lib/lambda/function/queue-function.js';
import type { HandlerContext } from '../../../../../lib/lambda/runtime/handler.js';
import { StagedStore } from '../../../../../lib/state/staged-store.js';
import { batchOf, contextWith, lambdaContext } from '../../../handlers/batch.js';

const decideAtOnce: DecideItem<number> = ({ json }, store) => {
  const { key, amount, fails } = json as { key: string; amount: number; fails?: true };
  if (fails) throw new Error('no database');
  if (amount < 0) return { rejected: 'negative' };
  const sum = (store.get(key) ?? 0) + amount;
  store.set(key, sum);
  return { outgoing: [{ exchange: '', routingKey: 'sums', body: sum, messageId: key, type: 'sum', mustRoute: true }] };
};

/** The first takes longest, so only ordering keeps it first. */
const decideLater: DecideItem<number> = async (record, store) => {
  await sleep(10 - Number((record.json as { amount: number }).amount));
  return decideAtOnce(record, store);
};

const item = (amount: number, more = {}) => ({ body: { key: 'a', amount, ...more } });

describe.each([
  ['at once', decideAtOnce],
  ['with a promise', decideLater],
])('a decision %s', (_, decide) => {
  const handler = queueFunction('sums', decide);

  it('follows the ones before it, and sees what they have changed', async () => {
    const store = new StagedStore<number>();
    const result = await handler(batchOf('q', [item(1), item(-1), item(5)]), contextWith(store));
    expect(result.outgoing.map(({ body }) => body)).toEqual([1, 6]);
    expect(result.batchItemFailures).toMatchObject([{ reason: 'negative' }]);
    expect(store.get('a')).toBe(6);
  });

  it('fails its batch where it throws', async () => {
    const failing = handler(batchOf('q', [item(1), item(2, { fails: true })]), contextWith());
    await expect(failing).rejects.toThrow('no database');
  });

  it('has the memory of its process where nobody gives it one: one invocation after the other, and none of one that failed', async () => {
    const invoke = async (...items: ReturnType<typeof item>[]) =>
      handler(batchOf('own', items), lambdaContext() as HandlerContext<number>);
    const [first, failed, third] = await Promise.allSettled([
      invoke(item(1), item(2)),
      invoke(item(4), item(1, { fails: true })),
      invoke(item(3)),
    ]);
    expect(first).toMatchObject({ value: { outgoing: [{ body: 1 }, { body: 3 }] } });
    expect(failed).toMatchObject({ status: 'rejected' });
    expect(third).toMatchObject({ value: { outgoing: [{ body: 6 }] } });
  });
});
