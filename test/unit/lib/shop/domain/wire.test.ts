import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCustomerLists } from '../../../../../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../../../../lib/shop/domain/events.js';
import {
  decodeBill,
  decodeCustomerMessage,
  decodeShoppingEvent,
  encodeBill,
  encodeShoppingEvent,
} from '../../../../../lib/shop/domain/wire.js';

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const EVENT = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00.123456' };
const BILL = {
  customer_id: 'customer-1',
  product_number: 'AX-123',
  pickup_time: '2026-01-01T10:00:00',
  purchase_time: '2026-01-01T10:05:00',
  shopping_cost: 8,
};

const name = fc
  .string({ minLength: 1, maxLength: 50, unit: 'grapheme' })
  .filter((text) => Buffer.byteLength(text) <= 200);
const customer = name.filter((text) => !text.split('.').some((word) => word === '*' || word === '#'));
const timestamp = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
    fc.constantFrom('', '.1', '.123456', '.123456789'),
    fc.constantFrom('', 'Z', '+00:00', '-05:30', '+0200'),
    fc.constantFrom('T', ' '),
  )
  .map(
    ([date, decimals, zone, separator]) => date.toISOString().slice(0, 19).replace('T', separator) + decimals + zone,
  );
const event: fc.Arbitrary<ShoppingEvent> = fc.record({
  type: fc.constantFrom('pick up', 'purchase'),
  product: name,
  timestamp,
});
const bill: fc.Arbitrary<Bill> = fc.record({
  customer,
  product: name,
  pickedUpAt: timestamp,
  purchasedAt: timestamp,
  cost: fc.double({ noDefaultInfinity: true, noNaN: true, min: 0 }),
});

describe('the wire', () => {
  it('gives back every event and bill it sends, word for word', () => {
    fc.assert(
      fc.property(event, bill, (event, bill) => {
        expect(decodeShoppingEvent(bytes(encodeShoppingEvent(event)))).toEqual({ ok: true, value: event });
        expect(decodeBill(bytes(encodeBill(bill)))).toEqual({ ok: true, value: bill });
        expect(decodeCustomerMessage(bytes(encodeBill(bill)))).toEqual({ ok: true, value: bill });
      }),
    );
  });

  it('has exactly the documented keys', () => {
    const decoded = decodeShoppingEvent(bytes(EVENT));
    expect(decoded.ok && encodeShoppingEvent(decoded.value)).toEqual(EVENT);
    const decodedBill = decodeBill(bytes(BILL));
    expect(decodedBill.ok && encodeBill(decodedBill.value)).toEqual(BILL);
  });

  it("sorts a customer's messages into two lists, in order of arrival", () => {
    const received = [EVENT, { ...EVENT, event_type: 'purchase' }, BILL, { ...EVENT, product_number: 'BX-1' }];
    const decoded = received.map((body) => decodeCustomerMessage(bytes(body)));
    const lists = foldCustomerLists(decoded.flatMap((message) => (message.ok ? [message.value] : [])));
    expect(lists.shoppingEvents.map(encodeShoppingEvent)).toEqual([received[0], received[1], received[3]]);
    expect(lists.billingEvents.map(encodeBill)).toEqual([BILL]);
  });

  it.each([
    [{ ...EVENT, event_type: 'return' }, 'event_type'],
    [{ ...EVENT, product_number: '' }, 'product_number'],
    [{ ...EVENT, product_number: 'x'.repeat(256) }, 'product_number'],
    [{ ...EVENT, product_number: 7 }, 'product_number'],
    [{ ...EVENT, timestamp: 'yesterday' }, 'timestamp'],
    [{ event_type: 'pick up', timestamp: EVENT.timestamp }, 'product_number'],
    [{ ...EVENT, customer_id: 'customer-1' }, 'customer_id'],
    [[EVENT], ''],
    ['pick up', ''],
    [null, ''],
  ])('names the field that is wrong in %j', (body, field) => {
    expect(decodeShoppingEvent(bytes(body))).toMatchObject({ ok: false, problems: [{ field }] });
  });

  it.each([
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'the body is not UTF-8'],
    ['no JSON', Buffer.from('pick up'), 'the body is not JSON'],
    ['nothing', Buffer.alloc(0), 'the body is not JSON'],
    ['a key __proto__', Buffer.from(JSON.stringify(EVENT).replace('{', '{"__proto__":{"x":1},')), 'is unknown'],
    [
      'a depth of a million',
      Buffer.from('['.repeat(1e6) + ']'.repeat(1e6)),
      'Invalid input: expected object, received array',
    ],
  ])('refuses %s', (_what, body, problem) => {
    expect(decodeShoppingEvent(body)).toMatchObject({ ok: false, problems: [{ problem }] });
  });

  it.each([
    '2026-01-01T10:00:00',
    '2026-01-01T10:00:00.123456',
    '2026-01-01T10:00:00.123456789Z',
    '2026-01-01 10:00',
    '2026-02-28T23:59:60+05:30',
    '2024-02-29T00:00:00-0800',
  ])('takes the timestamp %s', (timestamp) => {
    expect(decodeShoppingEvent(bytes({ ...EVENT, timestamp }))).toMatchObject({ ok: true, value: { timestamp } });
  });

  it.each([
    '2026-02-29T00:00:00',
    '2026-13-01T00:00:00',
    '2026-01-01',
    '10:00',
    '2026-01-01T24:00:01',
    '2026-01-01T10:00:00.1234567891',
    '1767261600',
  ])('refuses the timestamp %s', (timestamp) => {
    expect(decodeShoppingEvent(bytes({ ...EVENT, timestamp })).ok).toBe(false);
  });
});
