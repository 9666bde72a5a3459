import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CustomerApp, startCustomerApp } from '../../infra/shop/roles/customer-app.js';
import { startWorker, type Worker } from '../../infra/shop/roles/worker.js';
import { databaseFile, readDatabase } from '../../lib/shop/database/database.js';
import { encodeBill, encodeShoppingEvent, type WireShoppingEvent } from '../../lib/shop/domain/wire.js';
import { eventually } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

/**
 * The six checks by which the exercise is graded, with a foreign sensor: a bare client, no message ids, and timestamps as Python
 * writes them.
 */
const DATABASES = {
  "the exercise's database": { file: () => databaseFile({}), cost: 8 },
  'another database': {
    file: () =>
      written({
        customers_database: {
          'Zoë M. Ünal': ['Ärmel 1', 'Ärmel.2', '#'],
          'a.b.c': 'X',
          ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`c-${n}`, `P-${n}`])),
        },
        cost_per_unit: 3.35,
        number_of_units: 7,
      }),
    cost: 18.76,
  },
};

const folder = mkdtempSync(join(tmpdir(), 'exercise-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(database: unknown): string {
  const file = join(folder, 'shop.json');
  writeFileSync(file, JSON.stringify(database));
  return file;
}

describe.each(Object.entries(DATABASES))('the exercise, with %s', (_name, { cost, file }) => {
  const catalog = readDatabase(file());
  const amqpUrl = process.env['AMQP_URL'] as string;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const stranger: WireShoppingEvent = { event_type: 'pick up', product_number: 'ZZ-999', timestamp: at(0) };
  const owned = catalog.products.map((product) => ({ product, customer: catalog.customerOf(product) as string }));
  let sensor: ChannelModel;
  let channel: Channel;
  let workers: [Worker, Worker];
  let apps: Map<string, CustomerApp>;

  beforeAll(async () => {
    const role = { amqpUrl, log: recordingLog(), signal: stop.signal, catalog: () => catalog };
    workers = [
      startWorker({ ...role, id: 'worker01', queue: 'worker01_queue' }),
      startWorker({ ...role, id: 'worker02', queue: 'worker02_queue' }),
    ];
    apps = new Map(catalog.customers.map((customer) => [customer, startCustomerApp({ ...role, customer })]));
    await Promise.all([...workers, ...apps.values()].map(({ ready }) => ready));
    sensor = await connect(amqpUrl);
    channel = await sensor.createChannel();
    for (const { product } of owned) send({ event_type: 'pick up', product_number: product, timestamp: at(0) });
    send(stranger);
    for (const { product } of owned) send({ event_type: 'purchase', product_number: product, timestamp: at(5) });
    await eventually(() => workers.flatMap(({ shoppingEvents }) => shoppingEvents).length === 2 * owned.length + 1);
    await eventually(() => [...apps.values()].flatMap((app) => app.lists().billingEvents).length === owned.length);
  });

  afterAll(async () => {
    stop.abort();
    await Promise.all([...workers, ...apps.values()].map(({ ended }) => ended));
    await sensor.close();
  });

  function send(event: WireShoppingEvent): void {
    channel.publish('shopping_events_exchange', event.product_number, Buffer.from(JSON.stringify(event)));
  }

  it('1. brings both events of a product to the same worker', () => {
    for (const { product } of owned) {
      const counts = workers.map(
        ({ shoppingEvents }) => shoppingEvents.filter((event) => event.product === product).length,
      );
      expect(counts.sort(), product).toEqual([0, 2]);
    }
  });

  it('2. shares the products out between the workers', () => {
    const shares = workers.map(({ shoppingEvents }) => new Set(shoppingEvents.map(({ product }) => product)).size);
    expect(shares.reduce((sum, share) => sum + share)).toBe(owned.length + 1);
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  it('3. alerts each customer to its own events and no others, in order', () => {
    for (const [customer, app] of apps) {
      const products = catalog.productsOf(customer);
      const received = app.lists().shoppingEvents.map(encodeShoppingEvent);
      expect(received).toHaveLength(2 * products.length);
      for (const product of products) {
        expect(received.filter(({ product_number }) => product_number === product)).toEqual([
          { event_type: 'pick up', product_number: product, timestamp: at(0) },
          { event_type: 'purchase', product_number: product, timestamp: at(5) },
        ]);
      }
    }
  });

  it('4. sends one bill per purchase to billing_events, 20 % off', async () => {
    const bills = (await drain('billing_events')).filter(isNew).map(({ content }) => JSON.parse(content.toString()));
    const byProduct = (one: { product_number: string }, other: { product_number: string }) =>
      one.product_number < other.product_number ? -1 : 1;
    expect(bills.sort(byProduct)).toEqual(
      owned.map(({ product, customer }) => billOf(product, customer)).sort(byProduct),
    );
  });

  it('5. sends each customer its own bills and no others', () => {
    for (const [customer, app] of apps) {
      const expected = catalog.productsOf(customer).map((product) => billOf(product, customer));
      const received = app.lists().billingEvents.map(encodeBill);
      expect(received).toHaveLength(expected.length);
      expect(received).toEqual(expect.arrayContaining(expected));
    }
  });

  it('6. dead-letters the product that nobody has, and keeps it out of every basket', async () => {
    await eventually(async () => (await channel.checkQueue('shopping_events_dead_letter_queue')).messageCount === 1);
    const [deadLetter, ...more] = await drain('shopping_events_dead_letter_queue');
    expect(deadLetter?.content.toString()).toBe(JSON.stringify(stranger));
    expect(more).toEqual([]);
    expect(workers.map((worker) => worker.basket().size)).toEqual([0, 0]);
    expect(workers.flatMap(({ shoppingEvents }) => shoppingEvents).map(encodeShoppingEvent)).toContainEqual(stranger);
  });

  function billOf(product: string, customer: string) {
    return {
      customer_id: customer,
      product_number: product,
      pickup_time: at(0),
      purchase_time: at(5),
      shopping_cost: cost,
    };
  }

  async function drain(queue: string): Promise<GetMessage[]> {
    const messages: GetMessage[] = [];
    for (let got = await channel.get(queue); got !== false; got = await channel.get(queue)) {
      messages.push(got);
      channel.ack(got);
    }
    return messages;
  }
});

const known = new Set<unknown>();

/** A till drops repeats: a worker that takes a queue over sends the last batch's bills again, with the same ids. */
function isNew({ properties }: GetMessage): boolean {
  const before = known.size;
  return known.add(properties.messageId).size > before;
}

/** As Python's `utcnow().isoformat()` writes it: no zone, six decimals. */
function at(minute: number): string {
  return `2026-01-01T10:0${minute}:00.123456`;
}
