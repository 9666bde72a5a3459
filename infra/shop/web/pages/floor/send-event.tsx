import type { TargetedEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { OpenBasket } from '../../../../../lib/shop/floor/open-baskets.js';
import type { GoodsMessage } from '../../page-messages.js';
import { count } from '../display/amount.js';
import { act } from './act.js';
import { Panel } from './panel.js';

type What = 'pick up' | 'purchase';
type Seen = readonly [what: What, product: string];

const BURST = 500;

export interface SendEventProps {
  readonly path: string;
  readonly baskets: readonly OpenBasket[];
  /** Nothing has happened yet. */
  readonly isFirst: boolean;
  readonly say: (text: string) => void;
}

/** Does what the sensor does when a customer takes something. */
export function SendEvent({ path, baskets, isFirst, say }: SendEventProps) {
  const [what, setWhat] = useState<What>('pick up');
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState('');
  const goods = useGoods(path, text);
  const product = text.trim();
  /** For users who have not typed one. */
  const some = product || goods.found[0]?.product || 'AX-123';
  const send = async (seen: readonly Seen[], told: string): Promise<void> => {
    const startedAt = Date.now() - seen.length;
    const events = seen.map(([event_type, product_number], index) => ({
      event_type,
      product_number,
      timestamp: new Date(startedAt + index).toISOString(),
    }));
    const result = (await act('events', events.length === 1 ? (events[0] ?? {}) : events)) ?? told;
    setAnswer(result);
    say(result);
  };
  const submit = (event: TargetedEvent<HTMLFormElement>): void => {
    event.preventDefault();
    void send([[what, product]], `Sent: ${what} ${product}.`);
  };
  return (
    <Panel
      id="send"
      title="Be the sensor"
      about={`${isFirst ? 'Nothing has happened yet. ' : ''}Send what a customer does, and watch what happens.`}
    >
      <form class="tools" onSubmit={submit}>
        <label class="tool">
          <span class="hidden">What the customer does</span>
          <select
            value={what}
            onChange={({ currentTarget }) => setWhat(currentTarget.value === 'purchase' ? 'purchase' : 'pick up')}
          >
            <option value="pick up">pick up</option>
            <option value="purchase">purchase</option>
          </select>
        </label>
        <label class="tool tool-wide">
          <span class="hidden">Product</span>
          <input
            type="text"
            list="goods"
            required
            pattern=".*\S.*"
            title="The number of a product"
            maxLength={200}
            placeholder={`Product, such as ${some}`}
            autocomplete="off"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <datalist id="goods">
            {goods.found.map(({ product, customer }) => (
              <option key={product} value={product}>
                {customer}
              </option>
            ))}
          </datalist>
        </label>
        <button type="submit" class="tool">
          Send
        </button>
        <p class="answer quiet">{hintOf(product, goods, baskets)}</p>
        <div class="tabs">
          <button
            type="button"
            class="tool"
            onClick={() =>
              void send(
                [
                  ['pick up', some],
                  ['purchase', some],
                ],
                `Sent: pick up and purchase ${some}.`,
              )
            }
          >
            Pick up and purchase {some}
          </button>
          <button
            type="button"
            class="tool"
            onClick={() => void send([['pick up', 'UNKNOWN-1']], 'Sent: pick up UNKNOWN-1, an unknown product.')}
          >
            An unknown product
          </button>
          <button
            type="button"
            class="tool"
            disabled={goods.found.length === 0}
            onClick={() => void send(burstOf(goods), `Sent: ${count(BURST)} events, half of them purchases.`)}
          >
            A burst of {BURST}
          </button>
        </div>
        <p class="answer">{answer}</p>
      </form>
    </Panel>
  );
}

/** Some of the shop's products that match what is typed. */
function useGoods(path: string, text: string): GoodsMessage {
  const [goods, setGoods] = useState<GoodsMessage>({ found: [] });
  useEffect(() => {
    const asking = new AbortController();
    fetch(`${path}/goods?${new URLSearchParams({ find: text.trim() })}`, { signal: asking.signal })
      .then((answer) => (answer.ok ? (answer.json() as Promise<GoodsMessage>) : undefined))
      .then((told) => told !== undefined && setGoods(told))
      // The next letter sends a new request.
      .catch(() => undefined);
    return () => asking.abort();
  }, [path, text]);
  return goods;
}

/** What is known about a product before anything is sent. */
function hintOf(product: string, { found }: GoodsMessage, baskets: readonly OpenBasket[]): string {
  if (product === '') return '';
  const basket = baskets.find((each) => each.product === product);
  if (basket !== undefined) return `${product} is in ${basket.customer}'s basket.`;
  const known = found.find((each) => each.product === product);
  if (known !== undefined) return `${product} is for ${known.customer}, and on the shelf.`;
  return found.length > 0 ? '' : `${product} is unknown: a worker will refuse it.`;
}

function burstOf({ found }: GoodsMessage): readonly Seen[] {
  return Array.from({ length: BURST / 2 }, (_, index) => found[index % found.length]?.product ?? '').flatMap(
    (product): Seen[] => [
      ['pick up', product],
      ['purchase', product],
    ],
  );
}
