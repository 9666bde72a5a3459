import type { Bill, ShoppingEvent } from './events.js';

/** What a customer's app shows: its events and its bills, each in order of arrival. */
export interface CustomerLists {
  readonly shoppingEvents: readonly ShoppingEvent[];
  readonly billingEvents: readonly Bill[];
}

/** Sorts what a customer received into the two lists. */
export function foldCustomerLists(received: Iterable<ShoppingEvent | Bill>): CustomerLists {
  const shoppingEvents: ShoppingEvent[] = [];
  const billingEvents: Bill[] = [];
  for (const message of received) {
    if (isBill(message)) billingEvents.push(message);
    else shoppingEvents.push(message);
  }
  return { shoppingEvents, billingEvents };
}

export function isBill(message: ShoppingEvent | Bill): message is Bill {
  return 'cost' in message;
}
