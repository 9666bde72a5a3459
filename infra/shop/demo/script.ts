import { randomUUID } from 'node:crypto';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import type { ShoppingEvent } from '../../../lib/shop/domain/events.js';
import { idsOfConsequences, type ShopMessage, shoppingEventMessage } from '../../../lib/shop/domain/messages.js';

/** More customers than this would not make the table clearer. */
const CUSTOMERS_AT_MOST = 12;

/** One customer's part: a pick up and a purchase of one product. */
export interface Part {
  readonly customer: string;
  readonly pickUp: Line;
  readonly purchase: Line;
}

/** One event to send, and the ids that its consequences will have. */
export interface Line {
  readonly event: ShoppingEvent;
  readonly message: ShopMessage;
  readonly consequences: ReturnType<typeof idsOfConsequences>;
}

/** What will be played. */
export interface Script {
  readonly parts: readonly Part[];
  /** A pick up of a product that the database does not know. */
  readonly stranger: Line;
}

/** How long each customer carries the product. */
const CARRIED_MS = 5 * 60_000;

/** Writes the demo's script for a shop's database: everyone's first product, purchased now, and one unknown product. */
export function writeScript(catalog: Catalog, now: Date): Script {
  const players = catalog.customers.filter((customer) => catalog.productsOf(customer).length > 0);
  const before = new Date(now.getTime() - CARRIED_MS);
  return {
    parts: players.slice(0, CUSTOMERS_AT_MOST).map((customer) => {
      const product = catalog.productsOf(customer)[0] as string;
      return {
        customer,
        pickUp: line({ type: 'pick up', product, timestamp: before.toISOString() }),
        purchase: line({ type: 'purchase', product, timestamp: now.toISOString() }),
      };
    }),
    stranger: line({ type: 'pick up', product: unknownProduct(catalog), timestamp: now.toISOString() }),
  };
}

/** All lines, in sending order. */
export function linesOf({ parts, stranger }: Script): readonly Line[] {
  return [...parts.map(({ pickUp }) => pickUp), stranger, ...parts.map(({ purchase }) => purchase)];
}

function line(event: ShoppingEvent): Line {
  const message = shoppingEventMessage(event, randomUUID());
  const incoming = { messageId: message.messageId, body: Buffer.from(JSON.stringify(message.body)) };
  return { event, message, consequences: idsOfConsequences(incoming) };
}

function unknownProduct({ customerOf }: Catalog): string {
  let product = 'ZZ-999';
  while (customerOf(product) !== undefined) product += '9';
  return product;
}
