import { describe, expect, it } from 'vitest';
import { advanceView, EMPTY_VIEW, receivedFrom } from '../../../../../lib/shop/floor/customer-view.js';
import type { FloorEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { readCustomerMessage } from '../../../../../lib/shop/floor/read-message.js';
import { billed, nextReading, passing, told } from './messages.js';

const viewAfter = (...events: FloorEvent[]) =>
  advanceView(
    EMPTY_VIEW,
    events.flatMap((event) => receivedFrom(event)?.received ?? []),
  );

describe("a customer's view", () => {
  it('has what was picked up and not billed, and everything in order of arrival', () => {
    const view = viewAfter(told('pick up', 'AX'), told('pick up', 'BX'), told('purchase', 'AX'), billed('AX', 8));
    expect(view.basket).toEqual([{ product: 'BX', pickedUpAt: '2026-01-05T12:00:00Z' }]);
    expect(view.received.map(({ message }) => ('cost' in message ? 'bill' : message.type))).toEqual([
      'pick up',
      'pick up',
      'purchase',
      'bill',
    ]);
  });

  it('has nothing of the message that carried it: no worker, no headers', () => {
    expect(Object.keys(viewAfter(told('pick up', 'AX')).received[0] ?? {})).toEqual(['key', 'at', 'message']);
  });

  it('keeps what no customer is told out', () => {
    expect(receivedFrom(readCustomerMessage(passing('hello'), nextReading()))).toBeUndefined();
  });

  it('keeps a bill out that names another customer', () => {
    expect(receivedFrom(billed('AX', 8, 'customer-1', { customer: 'customer-2' }))).toBeUndefined();
  });

  it('stays bounded', () => {
    const events = Array.from({ length: 5_000 }, (_, index) => told('pick up', `P${index}`));
    const view = viewAfter(...events);
    expect(view.received).toHaveLength(200);
    expect(view.basket).toHaveLength(1_000);
  });

  it('counts and adds up every bill, also those that it no longer lists', () => {
    const view = viewAfter(
      told('pick up', 'AX'),
      ...Array.from({ length: 300 }, (_, index) => billed(`P${index}`, 0.1)),
    );
    expect(view.billed).toEqual({ bills: 300, sum: 30, since: expect.any(Number) });
    expect(view.received).toHaveLength(200);
  });
});
