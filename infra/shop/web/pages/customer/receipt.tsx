import Big from 'big.js';
import type { Bill } from '../../../../../lib/shop/domain/events.js';
import { discountedCost, type Price } from '../../../../../lib/shop/domain/price.js';
import { count } from '../display/amount.js';
import { useMoney } from '../display/money.js';
import { clockOf } from '../display/time.js';

export function Receipt({ bill, price }: { bill: Bill; price: Price | undefined }) {
  const money = useMoney();
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

/** A bill contains only the total. The calculation is shown while the shop's price still gives the same total. */
function Breakdown({ price, cost }: { price: Price; cost: number }) {
  const money = useMoney();
  if (discountedCost(price) !== cost) return null;
  const full = new Big(price.costPerUnit).times(price.numberOfUnits);
  return (
    <>
      <Line
        name={`${count(price.numberOfUnits)} units at ${money(price.costPerUnit)}`}
        value={money(full.toNumber())}
      />
      <Line name="Smart shopper, less 20 %" value={`−${money(full.minus(cost).toNumber())}`} />
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
