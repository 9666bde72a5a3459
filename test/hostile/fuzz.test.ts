import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inBatches, trafficOf } from '../../infra/shop/load/traffic.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { SHOPPING_EVENTS_EXCHANGE, WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { type ChaosShop, openChaosShop } from '../chaos/chaos-shop.js';
import { Random } from '../chaos/random.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { hostileMessage } from './hostile-message.js';

/** Five minutes of 500 events a second; `HOSTILE_SECONDS` makes it shorter. */
const SECONDS = Number(process.env['HOSTILE_SECONDS'] ?? 300);
const EVENTS_PER_SECOND = 500;
const HOSTILE = 10_000;
const SEED = Number(process.env['HOSTILE_SEED'] ?? Date.now() % 1e6);
const TICK_MS = 100;
const PRODUCTS = 1_000;

let shop: ChaosShop;
let connection: Connection;

beforeAll(async () => {
  shop = await openChaosShop(WORKER_QUEUES, PRODUCTS);
  const { amqpUrl } = shop.broker;
  connection = await openConnection({ amqpUrl, connectionName: 'stranger', log: recordingLog() });
});

afterAll(async () => {
  await connection.close();
  await shop.close();
});

it(`of ${EVENTS_PER_SECOND} events a second beside ${HOSTILE} hostile messages each purchase is billed once, and each hostile one is a dead letter`, async () => {
  const products = Array.from({ length: PRODUCTS }, (_, index) => `P-${String(index + 1).padStart(4, '0')}`);
  const purchases = (SECONDS * EVENTS_PER_SECOND) / 2;
  const traffic = inBatches(
    trafficOf({ products, count: purchases, now: Date.now }),
    EVENTS_PER_SECOND / (1_000 / TICK_MS),
  );
  const random = new Random(SEED);
  const publisher = await Publisher.open(connection, 60_000);
  const ticks = (SECONDS * 1_000) / TICK_MS;
  const startedAt = performance.now();
  let hostile = 0;
  for (let tick = 1; tick <= ticks; tick++) {
    const due = Math.round((HOSTILE * tick) / ticks);
    const messages = Array.from({ length: due - hostile }, () => encoded(random, `hostile-${hostile++}`));
    const { value: events = [] } = traffic.next();
    const [, failures] = await Promise.all([shop.sender.publish(events), publisher.publishAll(messages)]);
    expect(failures, `seed ${SEED}`).toEqual([]);
    await sleep(Math.max(0, startedAt + tick * TICK_MS - performance.now()));
  }
  const seconds = (performance.now() - startedAt) / 1_000;

  const { collected, fleet, broker } = shop;
  const billed = () => new Set(collected.bills.map(({ id }) => id)).size;
  const patience = { timeout: 240_000, interval: 200 };
  await vi
    .waitUntil(() => billed() === purchases && collected.deadLetters.size === HOSTILE, patience)
    .catch(() => undefined);
  const seen = { seed: SEED, bills: billed(), deadLetters: collected.deadLetters.size, starts: fleet.starts() };
  expect(seen).toEqual({ seed: SEED, bills: purchases, deadLetters: HOSTILE, starts: WORKER_QUEUES.length });
  expect([...collected.deadLetters].every((id) => id.startsWith('hostile-'))).toBe(true);
  expect(fleet.complaints.filter((text) => text.includes('session ended'))).toEqual([]);
  expect(await broker.ctl('eval', 'whereis(rabbit_fifo_dlx_sup) =/= undefined.')).toBe('true\n');
  console.log(`${Math.round((2 * purchases) / seconds)} events a second for ${Math.round(seconds)} s, seed ${SEED}`);
  await publisher.close();
});

function encoded(random: Random, id: string) {
  const { routingKey, content, wire } = hostileMessage(random, id);
  return {
    exchange: SHOPPING_EVENTS_EXCHANGE,
    routingKey,
    content,
    messageId: id,
    mustRoute: true,
    properties: {},
    wire,
  };
}
