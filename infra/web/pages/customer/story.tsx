import type { Received } from '../../../../lib/floor/customer-view.js';
import { isBill } from '../../../../lib/shop/customer-lists.js';
import { money } from '../display/amount.js';
import { clock } from '../display/time.js';

/** All that arrived, newest first. */
export function Story({ received }: { received: readonly Received[] }) {
  if (received.length === 0) return null;
  return (
    <section aria-labelledby="story">
      <h2 id="story">What happened</h2>
      <ol class="story">
        {received.toReversed().map(({ key, at, message }) => (
          <li
            key={key}
            class={isBill(message) ? 'is-billed' : message.type === 'pick up' ? 'is-picked-up' : 'is-purchased'}
          >
            <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
            <span>
              {isBill(message)
                ? `Billed ${money(message.cost)} for `
                : message.type === 'pick up'
                  ? 'You picked up '
                  : 'You purchased '}
              <span class="product">{message.product}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
