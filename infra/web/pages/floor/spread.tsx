import type { WorkerShare } from '../../../../lib/floor/worker-shares.js';
import { count } from '../display/amount.js';
import { Panel } from './panel.js';

const PRODUCTS_SHOWN = 8;

/** Which worker the products go to. */
export function Spread({ workers }: { workers: readonly WorkerShare[] }) {
  const all = workers.reduce((sum, { products }) => sum + products.length, 0);
  return (
    <Panel id="spread" title="Products by worker">
      {workers.length === 0 ? (
        <p class="quiet empty">No worker has been heard of yet.</p>
      ) : (
        <ul class="spread">
          {workers.map(({ worker, products, alerts, rejected }) => (
            <li key={worker}>
              <p>
                <b>{worker}</b>{' '}
                <span class="quiet">
                  {count(products.length)} products, {count(alerts + rejected)} events
                </span>
              </p>
              <progress
                max={Math.max(1, all)}
                value={products.length}
                aria-label={`${worker}: share of the products`}
              />
              <p class="chips">
                {products
                  .slice(-PRODUCTS_SHOWN)
                  .toReversed()
                  .map((product) => (
                    <span key={product} class="chip product">
                      {product}
                    </span>
                  ))}
                {products.length > PRODUCTS_SHOWN && (
                  <span class="quiet">and {count(products.length - PRODUCTS_SHOWN)} more</span>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
