import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shoppingWorker } from '../../../handlers/shopping-worker.js';
import type { HandlerContext } from '../../../lib/lambda/runtime/handler.js';
import { parseCatalog } from '../../../lib/shop/domain/catalog.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { batchOf, contextWith, lambdaContext, type Sent } from './batch.js';

const catalog = parseCatalog({
  customers_database: { ada: 'AX-123', bob: ['BX-1'] },
  cost_per_unit: 3.35,
  number_of_units: 7,
});
const handler = shoppingWorker(() => catalog);

const pickUp = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00.000001' };
const purchase = { event_type: 'purchase', product_number: 'AX-123', timestamp: '2026-01-01T10:05:00' };
const bill = {
  customer_id: 'ada',
  product_number: 'AX-123',
  pickup_time: '2026-01-01T10:00:00.000001',
  purchase_time: '2026-01-01T10:05:00',
  shopping_cost: 18.76,
};

const batch = (...messages: Sent[]) => batchOf('worker01_queue', messages);

describe('the shopping worker', () => {
  it('answers a pick up with an alert, and remembers it', async () => {
    const basket = new StagedStore<string>();
    expect(await handler(batch({ body: pickUp, messageId: 'event-1' }), contextWith(basket))).toEqual({
      batchItemFailures: [],
      outgoing: [
        {
          exchange: 'customer_app_events',
          routingKey: 'ada',
          body: pickUp,
          messageId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
          type: 'shopping event',
          mustRoute: false,
          itemIdentifier: 'worker01_queue::/#0',
        },
      ],
    });
    expect([...basket.entries()]).toEqual([['AX-123', pickUp.timestamp]]);
  });

  it('answers a purchase with an alert and the bill, to the till and to the customer', async () => {
    const basket = new StagedStore<string>();
    const { outgoing, batchItemFailures } = await handler(
      batch({ body: pickUp }, { body: purchase }),
      contextWith(basket),
    );
    expect(batchItemFailures).toEqual([]);
    expect(outgoing.map(({ itemIdentifier }) => itemIdentifier?.slice(-2))).toEqual(['#0', '#1', '#1', '#1']);
    expect(outgoing.map(({ messageId: _, itemIdentifier: __, ...message }) => message)).toEqual([
      { exchange: 'customer_app_events', routingKey: 'ada', body: pickUp, type: 'shopping event', mustRoute: false },
      { exchange: 'customer_app_events', routingKey: 'ada', body: purchase, type: 'shopping event', mustRoute: false },
      { exchange: 'billing_events', routingKey: 'billing_events', body: bill, type: 'bill', mustRoute: true },
      { exchange: 'customer_app_events', routingKey: 'ada', body: bill, type: 'bill', mustRoute: false },
    ]);
    expect(basket.size).toBe(0);
  });

  it('rejects what it cannot handle, each with its reason, and handles the rest', async () => {
    const basket = new StagedStore<string>();
    const result = await handler(
      batch(
        { body: { ...pickUp, product_number: 'ZZ-999' } },
        { body: purchase },
        { body: Buffer.from([0xff]) },
        { body: { ...pickUp, extra: true } },
        { body: pickUp },
      ),
      contextWith(basket),
    );
    expect(result.batchItemFailures).toEqual([
      { itemIdentifier: 'worker01_queue::/#0', reason: 'unknown product' },
      { itemIdentifier: 'worker01_queue::/#1', reason: 'purchase without pick up' },
      { itemIdentifier: 'worker01_queue::/#2', reason: 'undecodable' },
      { itemIdentifier: 'worker01_queue::/#3', reason: 'undecodable' },
    ]);
    expect(result.outgoing).toHaveLength(1);
    expect([...basket.entries()]).toEqual([['AX-123', pickUp.timestamp]]);
  });

  it('gives outgoing messages the same ids whenever the same event comes, and different ones otherwise', async () => {
    const idsOf = async (...messages: Sent[]) =>
      (await handler(batch(...messages), contextWith())).outgoing.map(({ messageId }) => messageId);
    const first = await idsOf({ body: pickUp, messageId: 'a' }, { body: purchase, messageId: 'b' });
    expect(await idsOf({ body: pickUp, messageId: 'a' }, { body: purchase, messageId: 'b' })).toEqual(first);
    expect(new Set(first).size).toBe(4);
    // Foreign senders may give every message the same id, or none.
    expect(new Set(await idsOf({ body: pickUp, messageId: 'x' }, { body: purchase, messageId: 'x' })).size).toBe(4);
    expect(await idsOf({ body: pickUp })).toEqual(await idsOf({ body: pickUp }));
  });

  it('lets a trace go on', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { outgoing } = await handler(
      batch({ body: pickUp }, { body: purchase, headers: { traceparent } }),
      contextWith(),
    );
    expect(outgoing.map(({ headers }) => headers)).toEqual([undefined, ...Array(3).fill({ traceparent })]);
  });

  it('asks the database anew for every event', async () => {
    let current = catalog;
    const following = shoppingWorker(() => current);
    const unknown = batch({ body: { ...pickUp, product_number: 'new' } });
    expect((await following(unknown, contextWith())).batchItemFailures).toHaveLength(1);
    current = parseCatalog({ customers_database: { ada: 'new' }, cost_per_unit: 1, number_of_units: 1 });
    expect((await following(unknown, contextWith())).batchItemFailures).toHaveLength(0);
  });

  it('keeps a memory of its own per queue where nobody provides one', async () => {
    const plain = lambdaContext() as HandlerContext<string>;
    const own = shoppingWorker(() => catalog);
    await own(batchOf('q1', [{ body: pickUp }]), plain);
    expect((await own(batchOf('q2', [{ body: purchase }]), plain)).batchItemFailures).toHaveLength(1);
    expect((await own(batchOf('q1', [{ body: purchase }]), plain)).outgoing).toHaveLength(3);
  });

  it('fails whole, and forgets the batch, when something unforeseen is thrown', async () => {
    let broken = false;
    const plain = lambdaContext() as HandlerContext<string>;
    const own = shoppingWorker(() => {
      if (broken) throw new Error('disk on fire');
      return catalog;
    });
    await own(batch({ body: pickUp }), plain);
    broken = true;
    await expect(own(batch({ body: purchase }), plain)).rejects.toThrow('disk on fire');
    broken = false;
    expect((await own(batch({ body: purchase }), plain)).outgoing).toHaveLength(3);
  });

  it('refuses an event that is not from RabbitMQ', async () => {
    await expect(handler({ Records: [] } as never, contextWith())).rejects.toThrow('not an aws:rmq event');
  });

  it('bills every purchase after a pick up once, in the order of its product, however the events come and are cut', async () => {
    const product = fc.constantFrom('AX-123', 'BX-1', 'CX-9');
    const type = fc.constantFrom('pick up', 'purchase');
    const zone = fc.constantFrom('', 'Z', '+02:00', '.123456', '.123456789Z');
    const history = fc.array(fc.record({ product, type, zone }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.integer({ min: 1, max: 7 })), async (drawn, cuts) => {
        const events = drawn.map((event, second) => ({
          event_type: event.type,
          product_number: event.product,
          timestamp: `2026-01-01T10:00:${String(second).padStart(2, '0')}${event.zone}`,
        }));
        const basket = new StagedStore<string>();
        const bills: unknown[] = [];
        const rejected: string[] = [];
        for (let from = 0, turn = 0; from < events.length; turn++) {
          const size = cuts[turn] ?? 3;
          const part = events.slice(from, from + size).map((body, index) => ({ body, messageId: `${from + index}` }));
          const { outgoing, batchItemFailures } = await handler(batch(...part), contextWith(basket));
          basket.commit();
          bills.push(...outgoing.filter(({ routingKey }) => routingKey === 'billing_events').map(({ body }) => body));
          rejected.push(...batchItemFailures.map(({ reason }) => reason ?? ''));
          from += size;
        }
        const owners: Record<string, string> = { 'AX-123': 'ada', 'BX-1': 'bob' };
        const expected: unknown[] = [];
        const open = new Map<string, string>();
        let refused = 0;
        for (const { event_type, product_number, timestamp } of events) {
          const pickup_time = open.get(product_number);
          if (owners[product_number] === undefined) refused++;
          else if (event_type === 'pick up') open.set(product_number, timestamp);
          else if (pickup_time === undefined) refused++;
          else {
            open.delete(product_number);
            const customer_id = owners[product_number];
            expected.push({ customer_id, product_number, pickup_time, purchase_time: timestamp, shopping_cost: 18.76 });
          }
        }
        expect(bills).toEqual(expected);
        expect(rejected).toHaveLength(refused);
        expect(new Map(basket.entries())).toEqual(open);
      }),
    );
  });
});
