import { type Catalog, parseCatalog } from '../../lib/shop/domain/catalog.js';
import type { Bill, ShoppingEvent } from '../../lib/shop/domain/events.js';
import { discountedCost } from '../../lib/shop/domain/price.js';

/** The shop that every contender works for. */
const CUSTOMERS = 100;
const PRODUCTS_PER_CUSTOMER = 200;
export const PRODUCTS = CUSTOMERS * PRODUCTS_PER_CUSTOMER;

/** This many products are in baskets at any time of a round. */
const OPEN_BASKETS = 1000;

const catalog = parseCatalog({
  customers_database: Object.fromEntries(
    Array.from({ length: CUSTOMERS }, (_, customer) => [
      `customer-${customer}`,
      Array.from({ length: PRODUCTS_PER_CUSTOMER }, (_, index) => productNumber(customer, index)),
    ]),
  ),
  cost_per_unit: 3.35,
  number_of_units: 7,
});

export function shopCatalog(): Catalog {
  return catalog;
}

function productNumber(customer: number, index: number): string {
  return `P-${String(customer).padStart(3, '0')}-${String(index).padStart(4, '0')}`;
}

/** One event as the sensor sends it. */
export interface SensorEvent extends ShoppingEvent {
  readonly messageId: string;
}

/** The first `purchases` products, each picked up and, 1,000 pick ups later, purchased: twice as many events. */
export function eventsOfRound(round: string, purchases: number): SensorEvent[] {
  const events: SensorEvent[] = [];
  const push = (type: ShoppingEvent['type'], product: string): void => {
    const position = events.length;
    const timestamp = new Date(Date.UTC(2026, 0, 1) + position).toISOString();
    events.push({ type, product, timestamp, messageId: `${round}.${position}` });
  };
  const products = catalog.products.slice(0, purchases);
  products.forEach((product, index) => {
    push('pick up', product);
    const earlier = products[index - OPEN_BASKETS];
    if (earlier !== undefined) push('purchase', earlier);
  });
  for (const product of products.slice(-OPEN_BASKETS)) push('purchase', product);
  return events;
}

/** The bills that a round must lead to: product -> bill. */
export function billsOf(events: readonly SensorEvent[]): ReadonlyMap<string, Bill> {
  const pickedUpAt = new Map<string, string>();
  const bills = new Map<string, Bill>();
  const cost = discountedCost(catalog.price);
  for (const { type, product, timestamp } of events) {
    if (type === 'pick up') pickedUpAt.set(product, timestamp);
    else {
      bills.set(product, {
        customer: catalog.customerOf(product) as string,
        product,
        pickedUpAt: pickedUpAt.get(product) as string,
        purchasedAt: timestamp,
        cost,
      });
    }
  }
  return bills;
}
