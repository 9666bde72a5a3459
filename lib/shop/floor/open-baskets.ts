import type { PassedEvent } from './floor-event.js';

/** A product that someone carries through the shop. */
export interface OpenBasket {
  readonly product: string;
  readonly customer: string;
  /** As the sender wrote it. */
  readonly pickedUpAt: string;
  readonly worker: string;
}

/** More than a person can look through; the oldest are forgotten first. */
export const BASKETS_REMEMBERED = 5_000;

/** Products picked up and not yet billed, the longest carried first. */
export function foldOpenBaskets(before: readonly OpenBasket[], events: readonly PassedEvent[]): readonly OpenBasket[] {
  const open = new Map(before.map((basket) => [basket.product, basket]));
  let changed = false;
  for (const event of events) {
    if (event.kind === 'alert' && event.event.type === 'pick up') {
      const { customer, worker } = event;
      const { product, timestamp: pickedUpAt } = event.event;
      // A second pick up is a new one, and goes to the end.
      open.delete(product);
      open.set(product, { product, customer, worker, pickedUpAt });
      changed = true;
    } else if (event.kind === 'bill') {
      changed = open.delete(event.bill.product) || changed;
    }
  }
  return changed ? [...open.values()].slice(-BASKETS_REMEMBERED) : before;
}
