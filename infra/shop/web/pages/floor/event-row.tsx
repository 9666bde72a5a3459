import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { useMoney } from '../display/money.js';
import { clock, millisecondsOf } from '../display/time.js';
import { CustomerLink, ProductLink } from './links.js';
import { memo } from './memo.js';
import { Opener } from './opener.js';
import { isForRow } from './row-click.js';
import { byOf, hasProduct, productOf, whatOf } from './what.js';

export interface EventRowProps {
  readonly event: PassedEvent;
  /** Whether others share its second. */
  readonly precise: boolean;
  readonly open: boolean;
  /** The same function for all rows; otherwise every row would be drawn again with each event. */
  readonly onToggle: (key: string) => void;
}

/** One event; its details open next to the list. */
export const EventRow = memo(function EventRow({ event, precise, open, onToggle }: EventRowProps) {
  const money = useMoney();
  const what = whatOf(event);
  return (
    <tr
      class={`event is-${what.replace(' ', '-')}${open ? ' is-open' : ''}`}
      onClick={(click) => isForRow(click) && onToggle(event.key)}
    >
      <td class="time">
        {clock(event.at)}
        {precise && <span class="roomy">{millisecondsOf(event.at)}</span>}
      </td>
      <td>
        <span class="what">{what}</span>
        {event.kind === 'bill' && <span class="cost">{money(event.bill.cost)}</span>}
      </td>
      <td class="product">
        {hasProduct(event) ? <ProductLink product={productOf(event)} mouseOnly /> : productOf(event)}
      </td>
      <td class="about">
        {event.kind === 'dead letter' ? event.reason : <CustomerLink customer={event.customer} mouseOnly />}
      </td>
      <td class="roomy quiet">{byOf(event)}</td>
      <td class="opener">
        <Opener open={open} label={`Details of ${productOf(event)} ${what}`} onClick={() => onToggle(event.key)} />
      </td>
    </tr>
  );
});
