import type { OpenBasket } from '../../../../../lib/shop/floor/open-baskets.js';
import { count } from '../display/amount.js';
import { ageOf } from '../display/time.js';
import { useNow } from '../use-live.js';
import { CustomerLink, ProductLink } from './links.js';
import { Panel } from './panel.js';

const ROWS = 12;

export interface BasketsProps {
  readonly baskets: readonly OpenBasket[];
  /** Baskets that workers keep in addition to these. */
  readonly unlisted: number;
}

export function Baskets({ baskets, unlisted }: BasketsProps) {
  const now = useNow();
  return (
    <Panel id="baskets" folds title="Open baskets" note={noteOf(baskets.length, unlisted)}>
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

/** Fewer are kept than are listed if a worker was made to forget some. */
function noteOf(listed: number, unlisted: number): string | undefined {
  const all = Math.max(0, listed + unlisted);
  if (unlisted < 0) return `workers keep ${count(all)}`;
  const shown = Math.min(ROWS, listed);
  return shown < all ? `${count(shown)} of ${count(all)}` : undefined;
}
