import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { shoppingEventMessage } from '../../lib/shop/domain/messages.js';
import { WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { type ChaosShop, openChaosShop } from '../chaos/chaos-shop.js';

const RESTARTS = 30;
const PRODUCTS = 50;

let shop: ChaosShop;

beforeAll(async () => {
  shop = await openChaosShop(WORKER_QUEUES, PRODUCTS);
});

afterAll(() => shop.close());

async function send(type: 'pick up' | 'purchase', round: number): Promise<void> {
  const timestamp = new Date(Date.UTC(2026, 0, 1, 10, round, type === 'purchase' ? 30 : 0)).toISOString();
  const messages = Array.from({ length: PRODUCTS }, (_, index) => {
    const product = `P-${String(index + 1).padStart(2, '0')}`;
    return shoppingEventMessage({ type, product, timestamp }, `${product} ${type} ${round}`);
  });
  const sent = () =>
    shop.sender.publish(messages).then(
      () => true,
      () => false,
    );
  while (!(await sent())) await sleep(200);
}

it(`a broker that is stopped or killed ${RESTARTS} times loses nothing and doubles nothing`, async () => {
  for (let round = 0; round < RESTARTS; round++) {
    await send('pick up', round);
    // Half of them in the middle of their work.
    const sending = send('purchase', round);
    if (round % 2 === 0) await sending;
    if (round % 3 === 0) await shop.broker.kill();
    await shop.broker.restart();
    await sending;
  }
  const { bills, deadLetters } = shop.collected;
  const billed = () => new Set(bills.map(({ id }) => id)).size;
  const purchases = () => new Set(bills.map(({ body }) => `${body.product_number} ${body.purchase_time}`)).size;
  await vi
    .waitUntil(() => purchases() === RESTARTS * PRODUCTS, { timeout: 120_000, interval: 200 })
    .catch(() => undefined);
  expect({
    purchases: purchases(),
    bills: billed(),
    deadLetters: [...deadLetters],
    starts: shop.fleet.starts(),
  }).toEqual({
    purchases: RESTARTS * PRODUCTS,
    bills: RESTARTS * PRODUCTS,
    deadLetters: [],
    starts: WORKER_QUEUES.length,
  });
});
