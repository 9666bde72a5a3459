import type { Bill, ShoppingEvent } from '../../../../../lib/shop/domain/events.js';
import { encodeBill, encodeShoppingEvent } from '../../../../../lib/shop/domain/wire.js';
import type { PassingMessage } from '../../../../../lib/shop/floor/carrier.js';
import type { Fate, FloorEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { type ReadContext, readCustomerMessage, readDeadLetter } from '../../../../../lib/shop/floor/read-message.js';

export const NOON = Date.UTC(2026, 0, 5, 12);

let sent = 0;

/** Where and when the next message is read. */
export function nextReading(): ReadContext {
  sent++;
  return { key: `message ${sent}`, now: NOON + sent };
}

export function passing(
  body: unknown,
  more: Partial<PassingMessage['properties']> = {},
  routingKey = 'customer-1',
): PassingMessage {
  const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return {
    fields: { exchange: 'customer_app_events', routingKey },
    content,
    properties: { appId: 'worker01', ...more },
  };
}

export function told(
  type: ShoppingEvent['type'],
  product: string,
  customer = 'customer-1',
  worker = 'worker01',
): FloorEvent {
  const event = { type, product, timestamp: '2026-01-05T12:00:00Z' };
  return readCustomerMessage(passing(encodeShoppingEvent(event), { appId: worker }, customer), nextReading());
}

export function billed(product: string, cost: number, customer = 'customer-1', more: Partial<Bill> = {}): FloorEvent {
  const bill = {
    customer,
    product,
    pickedUpAt: '2026-01-05T11:58:00Z',
    purchasedAt: '2026-01-05T11:59:00Z',
    cost,
    ...more,
  };
  return readCustomerMessage(passing(encodeBill(bill), {}, customer), nextReading());
}

export function refused(product: string, id: string): FloorEvent {
  const event = { type: 'pick up', product, timestamp: '2026-01-05T12:00:00Z' } as const;
  return readDeadLetter(passing(encodeShoppingEvent(event)), nextReading(), { id, reason: undefined });
}

export function removed(id: string, fate: Fate): FloorEvent {
  return { kind: 'removed', key: `${id} ${fate}`, at: NOON, id, fate };
}
