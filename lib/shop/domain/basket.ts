import type { Bill, ShoppingEvent } from './events.js';
import { discountedCost, type Price } from './price.js';
import { isTimestamp } from './timestamp.js';

/** Where a product is: on the shelf, or in its customer's basket since a pick up. */
export type ProductState = { readonly status: 'on shelf' } | { readonly status: 'picked up'; readonly at: string };

export type RefusalReason = 'unknown product' | 'purchase without pick up';

/** What the shop decides about one event. */
export type BasketDecision =
  | { readonly verdict: 'picked up'; readonly customer: string; readonly at: string }
  | { readonly verdict: 'billed'; readonly bill: Bill }
  | { readonly verdict: 'rejected'; readonly reason: RefusalReason };

export const ON_SHELF: ProductState = { status: 'on shelf' };

/**
 * The rule of the shop: a pick up puts the product into the basket, and a second one replaces the first; a purchase bills what is
 * in the basket.
 * @param customer the product's customer; undefined if the shop's database does not know the product
 */
export function decideBasket(
  event: ShoppingEvent,
  state: ProductState,
  customer: string | undefined,
  price: Price,
): BasketDecision {
  if (customer === undefined) return { verdict: 'rejected', reason: 'unknown product' };
  switch (event.type) {
    case 'pick up':
      return { verdict: 'picked up', customer, at: event.timestamp };
    case 'purchase':
      if (state.status === 'on shelf') return { verdict: 'rejected', reason: 'purchase without pick up' };
      return { verdict: 'billed', bill: billFor(event, state.at, customer, price) };
    default:
      throw new Error(`no rule for ${event.type satisfies never}`);
  }
}

/** The product's state after a decision. */
export function evolve(state: ProductState, decision: BasketDecision): ProductState {
  switch (decision.verdict) {
    case 'picked up':
      return { status: 'picked up', at: decision.at };
    case 'billed':
      return ON_SHELF;
    case 'rejected':
      return state;
  }
}

function billFor(purchase: ShoppingEvent, pickedUpAt: string, customer: string, price: Price): Bill {
  return {
    customer,
    product: purchase.product,
    pickedUpAt,
    purchasedAt: purchase.timestamp,
    cost: discountedCost(price),
  };
}

/** The shop's memory: product -> time of the pick up. A product on the shelf has no entry. */
export interface Basket {
  get(product: string): string | undefined;
  set(product: string, pickedUpAt: string): void;
  delete(product: string): void;
}

/** Whether a value may be stored in a basket. */
export function isPickUpTime(value: unknown): boolean {
  return typeof value === 'string' && isTimestamp(value);
}

export function look(basket: Basket, product: string): ProductState {
  const at = basket.get(product);
  return at === undefined ? ON_SHELF : { status: 'picked up', at };
}

export function put(basket: Basket, product: string, state: ProductState): void {
  if (state.status === 'on shelf') basket.delete(product);
  else basket.set(product, state.at);
}
