import { describe, expect, it } from 'vitest';
import { handler } from '../../handlers/customer-app.js';
import { foldCustomerLists } from '../../lib/shop/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../lib/shop/events.js';
import { StagedStore } from '../../lib/state/staged-store.js';
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
});
