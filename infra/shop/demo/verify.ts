import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import type { Bill } from '../../../lib/shop/domain/events.js';
import { discountedCost } from '../../../lib/shop/domain/price.js';
import type { Played } from './play.js';
import type { Part, Script } from './script.js';

/** Every difference between what a script should lead to and what was received; empty if all is well. */
export function demoFaults({ parts, stranger }: Script, played: Played, catalog: Catalog): string[] {
  const { seen, customers, bills, deadLetters } = played;
  const differences: string[] = [];
  const expect = (what: string, expected: unknown, received: unknown): void => {
    if (isDeepStrictEqual(expected, received)) return;
    differences.push(`${what}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(received)}`);
  };
  for (const part of parts) {
    const { customer, pickUp, purchase } = part;
    const bill = billFor(part, catalog);
    const verdicts = [pickUp, purchase].map(({ message }) => verdictOf(seen, message.messageId));
    expect(`verdicts on ${pickUp.event.product}`, ['picked up', 'billed'], verdicts);
    const workers = new Set(seen.filter(isAbout(pickUp.event.product)).map(({ worker }) => worker));
    expect(`workers of ${pickUp.event.product}`, 1, workers.size);
    const lists = customers.get(customer);
    expect(`events of ${customer}`, [pickUp.event, purchase.event], lists?.shoppingEvents);
    expect(`bills of ${customer}`, [bill], lists?.billingEvents);
    expect(
      `billing_events for ${customer}`,
      [bill],
      bills.filter((found) => found.customer === customer),
    );
  }
  expect('verdict on the unknown product', 'rejected', verdictOf(seen, stranger.message.messageId));
  expect('dead letters', [stranger.event], deadLetters);
  return differences;
}

function billFor({ customer, pickUp, purchase }: Part, { price }: Catalog): Bill {
  return {
    customer,
    product: pickUp.event.product,
    pickedUpAt: pickUp.event.timestamp,
    purchasedAt: purchase.event.timestamp,
    cost: discountedCost(price),
  };
}

function verdictOf(seen: Played['seen'], messageId: string): string | undefined {
  return seen.find((event) => event.messageId === messageId)?.verdict;
}

function isAbout(product: string) {
  return ({ event }: Played['seen'][number]): boolean => typeof event !== 'string' && event.product_number === product;
}
