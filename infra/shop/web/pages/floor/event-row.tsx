import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { money } from '../display/amount.js';
import { clock, millisecondsOf } from '../display/time.js';
import { CarrierDetails } from './carrier-details.js';
import { Hops } from './hops.js';
import { memo } from './memo.js';
import { isForRow } from './row-click.js';
import { aboutOf, byOf, productOf, whatOf } from './what.js';

export interface EventRowProps {
  readonly event: PassedEvent;
  /** Whether others share its second. */
  readonly precise: boolean;
  /** Said instead of what happened. */
  readonly label?: string | undefined;
  readonly details?: ComponentType<PassedEvent> | undefined;
}

/** One event; its message opens below it. */
export const EventRow = memo(function EventRow({ event, precise, label, details: Details }: EventRowProps) {
  const [open, setOpen] = useState(false);
  const what = whatOf(event);
  return (
    <>
      <tr class={`event is-${what.replace(' ', '-')}`} onClick={(click) => isForRow(click) && setOpen(!open)}>
        <td class="time">
          {clock(event.at)}
          {precise && <span class="roomy">{millisecondsOf(event.at)}</span>}
        </td>
        <td>
          <span class="what">{label ?? what}</span>
          {event.kind === 'bill' && <span class="cost">{money(event.bill.cost)}</span>}
        </td>
        <td class="product">{productOf(event)}</td>
        <td class="about">{aboutOf(event)}</td>
        <td class="roomy quiet">{byOf(event)}</td>
        <td class="opener">
          <button
            type="button"
            aria-expanded={open}
            aria-label={`Message of ${productOf(event)} ${what}`}
            onClick={() => setOpen(!open)}
          >
            {open ? '−' : '+'}
          </button>
        </td>
      </tr>
      {open && (
        <tr class="event-details">
          <td colSpan={6}>
            <Hops event={event} />
            <CarrierDetails carrier={event.carrier} />
            {Details !== undefined && <Details {...event} />}
          </td>
        </tr>
      )}
    </>
  );
});
