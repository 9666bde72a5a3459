import type { Bill } from '../../../../../lib/shop/domain/events.js';
import type { Price } from '../../../../../lib/shop/domain/price.js';
import type { Billed } from '../../../../../lib/shop/floor/customer-view.js';
import { count } from '../display/amount.js';
import { useMoney } from '../display/money.js';
import { sinceOf } from '../display/time.js';
import { Receipt } from './receipt.js';

/** The number that is visible without scrolling. */
const AT_HAND = 2;

export interface ReceiptsProps {
  /** The newest. */
  readonly bills: readonly Bill[];
  /** All of them. */
  readonly billed: Billed;
  readonly price: Price | undefined;
}

export function Receipts({ bills, billed, price }: ReceiptsProps) {
  const money = useMoney();
  const unlisted = billed.bills - bills.length;
  const newestFirst = bills.map((bill, index) => ({ bill, number: index + 1 })).reverse();
  const list = (some: typeof newestFirst) => (
    <ol class="receipts">
      {some.map(({ bill, number }) => (
        <li key={number}>
          <Receipt bill={bill} price={price} />
        </li>
      ))}
    </ol>
  );
  const earlier = newestFirst.slice(AT_HAND);
  return (
    <section aria-labelledby="receipts">
      <h2 id="receipts">Bills</h2>
      {bills.length === 0 ? (
        <p class="quiet">No bills yet. Walk out with a product, and its bill is here before you are home.</p>
      ) : (
        <p class="quiet">
          {count(billed.bills)} {sinceOf(billed.since)}, together {money(billed.sum)}
          {unlisted > 0 && `; the latest ${count(bills.length)} are here`}
        </p>
      )}
      {list(newestFirst.slice(0, AT_HAND))}
      {earlier.length > 0 && (
        <details>
          <summary>{count(earlier.length)} earlier</summary>
          {list(earlier)}
        </details>
      )}
    </section>
  );
}
