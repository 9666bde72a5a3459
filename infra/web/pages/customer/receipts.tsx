import type { Bill } from '../../../../lib/shop/events.js';
import { discountedCost, type Price } from '../../../../lib/shop/price.js';
import { count, money } from '../display/amount.js';
import { clockOf } from '../display/time.js';

export function Receipts({ bills, price }: { bills: readonly Bill[]; price: Price | undefined }) {
  return (
    <section aria-labelledby="receipts">
      <h2 id="receipts">Bills</h2>
      {bills.length === 0 ? (
        <p class="quiet">No bills yet. Walk out with a product, and its bill is here before you are home.</p>
      ) : (
        <ol class="receipts">
          {bills.toReversed().map((bill, index) => (
            <li key={`${bills.length - index}`}>
              <Receipt bill={bill} price={price} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function Receipt({ bill, price }: { bill: Bill; price: Price | undefined }) {
  const { product, pickedUpAt, purchasedAt, cost } = bill;
  return (
    <article class="receipt" aria-label={`Bill for ${product}`}>
      <h3 class="product">{product}</h3>
      <dl>
        <Line name="Picked up" value={clockOf(pickedUpAt)} />
        <Line name="Purchased" value={clockOf(purchasedAt)} />
        {price !== undefined && <Breakdown price={price} cost={cost} />}
        <div class="receipt-total">
          <dt>Total</dt>
          <dd>{money(cost)}</dd>
        </div>
      </dl>
    </article>
  );
}

/** A bill holds the total only. How it came about is shown while the shop's price still gives the same. */
function Breakdown({ price, cost }: { price: Price; cost: number }) {
  if (discountedCost(price) !== cost) return null;
  const full = price.costPerUnit * price.numberOfUnits;
  return (
    <>
      <Line name={`${count(price.numberOfUnits)} units at ${money(price.costPerUnit)}`} value={money(full)} />
      <Line name="Smart shopper, less 20 %" value={`−${money(full - cost)}`} />
    </>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
