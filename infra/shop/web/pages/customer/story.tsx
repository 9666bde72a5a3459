import { isBill } from '../../../../../lib/shop/domain/customer-lists.js';
import type { Received } from '../../../../../lib/shop/floor/customer-view.js';
import { useMoney } from '../display/money.js';
import { clock } from '../display/time.js';

const AT_HAND = 12;

/** All that arrived, newest first. */
export function Story({ received }: { received: readonly Received[] }) {
  if (received.length === 0) return null;
  const newestFirst = received.toReversed();
  const earlier = newestFirst.slice(AT_HAND);
  return (
    <section aria-labelledby="story">
      <h2 id="story">What happened</h2>
      <Steps received={newestFirst.slice(0, AT_HAND)} />
      {earlier.length > 0 && (
        <details>
          <summary>Earlier</summary>
          <Steps received={earlier} />
        </details>
      )}
    </section>
  );
}

function Steps({ received }: { received: readonly Received[] }) {
  const money = useMoney();
  return (
    <ol class="story">
      {received.map(({ key, at, message }) => {
        const { tone, words } = told(message, money);
        return (
          <li key={key} class={tone}>
            <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>
            <span>
              {words} <span class="product">{message.product}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function told(
  message: Received['message'],
  money: (amount: number) => string,
): { readonly tone: string; readonly words: string } {
  if (isBill(message)) return { tone: 'is-billed', words: `Billed ${money(message.cost)} for` };
  return message.type === 'pick up'
    ? { tone: 'is-picked-up', words: 'You picked up' }
    : { tone: 'is-purchased', words: 'You purchased' };
}
