import type { OpenBasket } from '../../../../../lib/shop/floor/open-baskets.js';
import { count } from '../display/amount.js';
import { ageOf } from '../display/time.js';
import { useNow } from '../use-live.js';
import { CustomerLink, ProductLink } from './links.js';
import { Panel } from './panel.js';

const ROWS = 12;

export function Baskets({ baskets }: { baskets: readonly OpenBasket[] }) {
  const now = useNow();
  return (
    <Panel
      id="baskets"
      title="Open baskets"
      note={baskets.length > ROWS ? `the oldest ${ROWS} of ${count(baskets.length)}` : undefined}
    >
      {baskets.length === 0 ? (
        <p class="quiet empty">Everything is on the shelf.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col">Customer</th>
              <th scope="col" class="number">
                Carried for
              </th>
            </tr>
          </thead>
          <tbody>
            {baskets.slice(0, ROWS).map(({ product, customer, pickedUpAt }) => (
              <tr key={product}>
                <td class="product">
                  <ProductLink product={product} />
                </td>
                <td class="about">
                  <CustomerLink customer={customer} />
                </td>
                <td class="number">{ageOf(pickedUpAt, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
