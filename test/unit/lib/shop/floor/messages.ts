import type { LogEntry } from '../../../../../lib/dead-letters/log-entry.js';
import { type Previewable, previewOf } from '../../../../../lib/dead-letters/preview.js';
import type { Bill, ShoppingEvent } from '../../../../../lib/shop/domain/events.js';
import { encodeBill, encodeShoppingEvent } from '../../../../../lib/shop/domain/wire.js';
import type { Fate, FloorEvent, RefusedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { type ReadContext, readCustomerMessage, readRefused } from '../../../../../lib/shop/floor/read-message.js';

export const NOON = Date.UTC(2026, 0, 5, 12);

let sent = 0;

/** Where and when the next message is read. */
export function nextReading(): ReadContext {
  sent++;
  return { key: `message ${sent}`, now: NOON + sent };
}

export function passing(
  body: unknown,
  more: Partial<Previewable['properties']> = {},
  routingKey = 'customer-1',
): Previewable {
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

export function refused(product: string, id: string, more: Partial<LogEntry> = {}): RefusedEvent {
  const event = { type: 'pick up', product, timestamp: '2026-01-05T12:00:00Z' } as const;
  const message = previewOf(passing(encodeShoppingEvent(event)));
  const at = new Date(NOON).toISOString();
  return readRefused({ kind: 'rejected', id, at, reason: 'unknown product', message, ...more }, nextReading());
}

export function removed(id: string, fate: Fate): FloorEvent {
  return { kind: 'removed', key: `${id} ${fate}`, at: NOON, id, fate };
}
