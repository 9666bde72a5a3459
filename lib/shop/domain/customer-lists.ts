import type { Bill, ShoppingEvent } from './events.js';

/** What a customer's app shows: its events and its bills, each in order of arrival. */
export interface CustomerLists {
  readonly shoppingEvents: readonly ShoppingEvent[];
  readonly billingEvents: readonly Bill[];
}

/** The part of a store that forgetting needs; this folder does not import stores. */
interface Received {
  readonly size: number;
  entries(): Iterable<readonly [string, unknown]>;
  delete(key: string): void;
}

const MESSAGES_KEPT = 10_000;

/** Forgets the oldest of what a customer received: at least the latest 9,000 are kept, at most 10,000. */
export function keepNewest(received: Received): void {
  if (received.size <= MESSAGES_KEPT) return;
  // Many at once, because each time costs a walk over all.
  for (const [key] of [...received.entries()].slice(0, MESSAGES_KEPT / 10)) received.delete(key);
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
