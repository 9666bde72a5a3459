import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { shoppingEventMessage } from '../../lib/shop/domain/messages.js';
import { WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { type ChaosShop, openChaosShop } from './chaos-shop.js';

const PRODUCTS = 10_000;
const PATIENCE = { timeout: 240_000, interval: 200 };

let shop: ChaosShop;

beforeAll(async () => {
  shop = await openChaosShop(WORKER_QUEUES, PRODUCTS);
}, 120_000);

afterAll(() => shop.close(), 120_000);

const products = Array.from({ length: PRODUCTS }, (_, index) => `P-${String(index + 1).padStart(5, '0')}`);

type Type = 'pick up' | 'purchase';

async function send(type: Type, some: readonly string[], minute: number): Promise<void> {
  const timestamp = new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString();
  const message = (product: string) =>
    shoppingEventMessage({ type, product, timestamp }, `${product} ${type} ${minute}`);
  for (let first = 0; first < some.length; first += 500) {
    const messages = some.slice(first, first + 500).map(message);
    while (
      !(await shop.sender.publish(messages).then(
        () => true,
        () => sleep(200, false),
      ))
    );
  }
}

/** Ids of the bills of purchases at this minute, by product. */
function billsAt(minute: number): Map<string, Set<string>> {
  const timestamp = new Date(Date.UTC(2026, 0, 1, 10, minute)).toISOString();
  const ids = new Map<string, Set<string>>();
  for (const { id, body } of shop.collected.bills) {
    if (body.purchase_time !== timestamp) continue;
    ids.set(body.product_number, (ids.get(body.product_number) ?? new Set()).add(id));
  }
  return ids;
}

async function billedOnce(some: readonly string[], minute: number): Promise<void> {
  await vi.waitUntil(() => billsAt(minute).size === some.length, PATIENCE);
  expect([...billsAt(minute).values()].every((ids) => ids.size === 1)).toBe(true);
  expect([...shop.collected.deadLetters]).toEqual([]);
}

describe('a shop', { timeout: 600_000 }, () => {
  it('bills ten thousand purchases of what was picked up before all its workers and its broker were killed', async () => {
    await send('pick up', products, 0);
    await shop.broker.kill();
    for (const worker of shop.fleet.workers) worker.kill('SIGKILL');
    await shop.broker.restart();
    await send('purchase', products, 1);
    await billedOnce(products, 1);
  });

  it('bills an event once that is published a thousand times', async () => {
    const [product = ''] = products;
    await send('pick up', [product], 2);
    await send('purchase', Array(1_000).fill(product), 3);
    await billedOnce([product], 3);
  });

  it('dead-letters nothing while its till refuses every bill, through thirty restarts of its workers', async () => {
    const some = products.slice(0, 200);
    await send('pick up', some, 4);
    await shop.refuseBills();
    await send('purchase', some, 5);
    const stuck = (queue: string) =>
      shop.fleet.complaints.filter((text) => text.startsWith(queue) && text.includes('messages are stuck')).length;
    for (let restart = 0; restart < 30; restart++) {
      const before = WORKER_QUEUES.map(stuck);
      await vi.waitUntil(() => WORKER_QUEUES.every((queue, index) => stuck(queue) > (before[index] ?? 0)), PATIENCE);
      for (const worker of shop.fleet.workers) worker.kill('SIGKILL');
    }
    await shop.acceptBills();
    await billedOnce(some, 5);
  });
});
