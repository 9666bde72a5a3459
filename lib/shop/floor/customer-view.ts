import Big from 'big.js';
import type { Bill, ShoppingEvent } from '../domain/events.js';
import type { FloorEvent } from './floor-event.js';

/** Everything that one customer's browser may know. Plain JSON, and bounded. */
export interface CustomerView {
  /** In order of arrival, the latest only. */
  readonly received: readonly Received[];
  readonly basket: readonly CarriedProduct[];
  /** Everything in the stream, which keeps the latest only; listed or not. */
  readonly billed: Billed;
}

export interface Billed {
  readonly bills: number;
  readonly sum: number;
  /** The time of the first one counted, in milliseconds since 1970. */
  readonly since?: number;
}

/** What this customer was told: nothing about who else shops, or who did the work. */
export interface Received {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: ShoppingEvent | Bill;
}

export interface CarriedProduct {
  readonly product: string;
  readonly pickedUpAt: string;
}

const RECEIVED_LISTED = 200;
const CARRIED_LISTED = 1_000;

export const EMPTY_VIEW: CustomerView = { received: [], basket: [], billed: { bills: 0, sum: 0 } };

/** What an event tells its customer; undefined if it tells nothing. */
export function receivedFrom(
  event: FloorEvent,
): { readonly customer: string; readonly received: Received } | undefined {
  if (event.kind !== 'alert' && event.kind !== 'bill') return undefined;
  const { key, at, customer } = event;
  // The routing key says who receives it; this customer may not see a bill that names someone else.
  if (event.kind === 'bill' && event.bill.customer !== customer) return undefined;
  return { customer, received: { key, at, message: event.kind === 'bill' ? event.bill : event.event } };
}

/** The customer's view after something more arrived. Server and page both fold with it. */
export function advanceView({ received, basket, billed }: CustomerView, arrived: readonly Received[]): CustomerView {
  const carried = new Map(basket.map((item) => [item.product, item]));
  for (const { message } of arrived) {
    const { product } = message;
    if ('cost' in message) carried.delete(product);
    else if (message.type === 'pick up') {
      carried.delete(product);
      carried.set(product, { product, pickedUpAt: message.timestamp });
    }
  }
  return {
    received: [...received, ...arrived].slice(-RECEIVED_LISTED),
    basket: [...carried.values()].slice(-CARRIED_LISTED),
    billed: arrived.reduce(withBill, billed),
  };
}

function withBill(billed: Billed, { at, message }: Received): Billed {
  if (!('cost' in message)) return billed;
  const { bills, sum, since = at } = billed;
  return { bills: bills + 1, sum: new Big(sum).plus(message.cost).toNumber(), since };
}
