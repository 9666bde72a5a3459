import type { ServedQueue } from '../../../../../lib/shop/floor/served-queues.js';
import { PRODUCTS_REMEMBERED } from '../../../../../lib/shop/floor/worker-shares.js';
import { count, countUpTo } from '../display/amount.js';
import { ProductLink } from './links.js';
import { Owner } from './owner.js';
import { Panel } from './panel.js';

const PRODUCTS_SHOWN = 8;

export interface SpreadProps {
  readonly path: string;
  readonly served: readonly ServedQueue[];
  readonly say: (text: string) => void;
}

/** Which worker the products go to. */
export function Spread({ path, served, say }: SpreadProps) {
  const all = served.reduce((sum, { products }) => sum + products.length, 0);
  return (
    <Panel id="spread" folds title="Products by worker">
      <Owner path={path} say={say} />
      {all === 0 ? (
        <p class="quiet empty">No product has come to a worker yet.</p>
      ) : (
        <ul class="spread">
          {served.map(({ name, products, alerts, rejected }) => (
            <li key={name}>
              <p>
                <b>{name}</b>{' '}
                <span class="quiet">
                  {countUpTo(products.length, PRODUCTS_REMEMBERED)} products, {count(alerts + rejected)} events
                </span>
              </p>
              <progress max={Math.max(1, all)} value={products.length} aria-label={`${name}: share of the products`} />
              <p class="chips">
                {products
                  .slice(-PRODUCTS_SHOWN)
                  .toReversed()
                  .map((product) => (
                    <span key={product} class="chip">
                      <ProductLink product={product} />
                    </span>
                  ))}
                {products.length > PRODUCTS_SHOWN && <span class="quiet">and more</span>}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
