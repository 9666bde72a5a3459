import { describe, expect, it } from 'vitest';
import { handler } from '../../../handlers/customer-app.js';
import { foldCustomerLists } from '../../../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../../lib/shop/domain/events.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { batchOf, contextWith } from './batch.js';

const alert = { event_type: 'purchase', product_number: 'AX-123', timestamp: '2026-01-01T10:05:00' };
const bill = {
  customer_id: 'ada',
  product_number: 'AX-123',
  pickup_time: '2026-01-01T10:00:00',
  purchase_time: '2026-01-01T10:05:00',
  shopping_cost: 8,
};

describe('the customer app', () => {
  it('keeps events and bills in order of arrival, sends nothing, and refuses what is neither', async () => {
    const received = new StagedStore<ShoppingEvent | Bill>();
    const first = batchOf('customer_app.ada', [{ body: alert }, { body: { hello: 'world' } }, { body: bill }]);
    expect(await handler(first, contextWith(received))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'customer_app.ada::/#1', reason: 'undecodable' }],
      outgoing: [],
    });
    received.commit();
    await handler(batchOf('customer_app.ada', [{ body: { ...alert, product_number: 'BX-1' } }]), contextWith(received));
    const lists = foldCustomerLists([...received.entries()].map(([, message]) => message));
    expect(lists.shoppingEvents.map(({ product }) => product)).toEqual(['AX-123', 'BX-1']);
    expect(lists.billingEvents.map(({ cost }) => cost)).toEqual([8]);
  });

  it('keeps a message once that comes twice, in one batch or in two, and each one that has no id', async () => {
    const received = new StagedStore<ShoppingEvent | Bill>();
    const batches = [
      [
        { body: alert, messageId: 'alert-1' },
        { body: bill, messageId: 'bill-1' },
        { body: alert, messageId: 'alert-1' },
      ],
      [{ body: bill, messageId: 'bill-1' }, { body: alert, messageId: 'alert-2' }, { body: bill }, { body: bill }],
      [
        { body: alert, messageId: '' },
        { body: alert, messageId: '' },
      ],
    ];
    for (const messages of batches) {
      const { batchItemFailures } = await handler(batchOf('customer_app.ada', messages), contextWith(received));
      expect(batchItemFailures).toEqual([]);
      received.commit();
    }
    expect([...received.entries()].slice(0, 3).map(([id]) => id)).toEqual(['alert-1', 'bill-1', 'alert-2']);
    const lists = foldCustomerLists([...received.entries()].map(([, message]) => message));
    expect(lists.shoppingEvents).toHaveLength(4);
    expect(lists.billingEvents).toHaveLength(3);
  });

  it('keeps the newest 10,000 at most, in order', async () => {
    const received = new StagedStore<ShoppingEvent | Bill>();
    for (let batch = 0; batch < 50; batch++) {
      const messages = Array.from({ length: 250 }, (_, n) => ({ body: alert, messageId: `${batch * 250 + n}` }));
      await handler(batchOf('customer_app.ada', messages), contextWith(received));
      received.commit();
      expect(received.size).toBeLessThanOrEqual(10_000);
    }
    const ids = [...received.entries()].map(([id]) => Number(id));
    expect(ids.length).toBeGreaterThanOrEqual(9_000);
    expect(ids).toEqual(Array.from({ length: ids.length }, (_, n) => 12_500 - ids.length + n));
  });
});
