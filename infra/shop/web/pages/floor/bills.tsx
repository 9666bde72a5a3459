import type { BillPassed } from '../../../../../lib/shop/floor/floor-event.js';
import type { Totals } from '../../../../../lib/shop/floor/totals.js';
import { count } from '../display/amount.js';
import { useMoney } from '../display/money.js';
import { clockOf, sinceOf } from '../display/time.js';
import { CustomerLink, ProductLink } from './links.js';
import { Panel } from './panel.js';

const ROWS = 10;

export function Bills({ bills, totals }: { bills: readonly BillPassed[]; totals: Totals }) {
  const money = useMoney();
  return (
    <Panel
      id="bills"
      folds
      title="Bills"
      note={`${count(totals.bills)}, together ${money(totals.revenue)} ${sinceOf(totals.since)}`}
    >
      {bills.length === 0 ? (
        <p class="quiet empty">Nobody has purchased anything yet.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Customer</th>
              <th scope="col">Product</th>
              <th scope="col" class="roomy">
                Picked up
              </th>
              <th scope="col">Purchased</th>
              <th scope="col" class="number">
                Total
              </th>
            </tr>
          </thead>
          <tbody>
            {bills.slice(0, ROWS).map(({ key, customer, bill }) => (
              <tr key={key}>
                <td class="about">
                  <CustomerLink customer={customer} />
                </td>
                <td class="product">
                  <ProductLink product={bill.product} />
                </td>
                <td class="time roomy">{clockOf(bill.pickedUpAt)}</td>
                <td class="time">{clockOf(bill.purchasedAt)}</td>
                <td class="number is-billed">{money(bill.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
