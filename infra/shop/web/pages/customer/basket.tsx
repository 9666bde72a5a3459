import type { CarriedProduct } from '../../../../../lib/shop/floor/customer-view.js';
import { agoOf, clockOf } from '../display/time.js';
import { useNow } from '../use-live.js';

export function BasketList({ basket }: { basket: readonly CarriedProduct[] }) {
  const now = useNow();
  return (
    <section aria-labelledby="basket">
      <h2 id="basket">In your basket</h2>
      {basket.length === 0 ? (
        <p class="quiet">Nothing yet. What you take from a shelf appears here by itself.</p>
      ) : (
        <ul class="basket">
          {basket.toReversed().map(({ product, pickedUpAt }) => (
            <li key={product}>
              <span class="product">{product}</span>
              <span class="quiet">
                picked up {clockOf(pickedUpAt)}, {agoOf(pickedUpAt, now)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
