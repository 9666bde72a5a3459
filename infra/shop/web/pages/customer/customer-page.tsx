import { foldCustomerLists, isBill } from '../../../../../lib/shop/domain/customer-lists.js';
import { advanceView, EMPTY_VIEW, type Received } from '../../../../../lib/shop/floor/customer-view.js';
import type { CustomerPageMessage, CustomerStatus } from '../../page-messages.js';
import { LinkLine } from '../display/link-line.js';
import { Currency } from '../display/money.js';
import { useLive } from '../use-live.js';
import { BasketList } from './basket.js';
import { Receipts } from './receipts.js';
import { Story } from './story.js';

const NOTHING_YET = { view: EMPTY_VIEW, status: undefined as CustomerStatus | undefined };

function fold(state: typeof NOTHING_YET, { snapshot, received, status }: CustomerPageMessage): typeof NOTHING_YET {
  return { view: advanceView(snapshot ?? state.view, received ?? []), status: status ?? state.status };
}

/** One customer's app: the basket, the bills, and what happened. */
export function CustomerPage({ path }: { path: string }) {
  const { state, link } = useLive(path, NOTHING_YET, fold);
  const { received, basket, billed } = state.view;
  const { billingEvents } = foldCustomerLists(received.map(({ message }) => message));
  const latest = received.at(-1)?.message;
  const customer = decodeURIComponent(path.split('/')[2] ?? '');
  return (
    <Currency.Provider value={state.status?.currency}>
      <div class="phone">
        <header class="phone-top">
          <p class="eyebrow">Smart shopping</p>
          <h1>{customer}</h1>
          <LinkLine
            link={link}
            connected={state.status?.connected ?? false}
            latest={latest === undefined ? '' : `${latest.product} ${whatHappened(latest)}`}
          />
        </header>
        <main>
          <BasketList basket={basket} />
          <Receipts bills={billingEvents} billed={billed} price={state.status?.price} />
          <Story received={received} />
        </main>
      </div>
    </Currency.Provider>
  );
}

function whatHappened(message: Received['message']): string {
  if (isBill(message)) return 'billed';
  return message.type === 'pick up' ? 'picked up' : 'purchased';
}
