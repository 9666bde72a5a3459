import type { ComponentType } from 'preact';
import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { newestFirst, secondOf, sharedSeconds } from '../display/time.js';
import { EventRow } from './event-row.js';

export interface EventTableProps<Event extends PassedEvent> {
  readonly events: readonly Event[];
  /** What the column says that is a customer, or the reason of a dead letter. */
  readonly about: string;
  readonly by: string;
  /** Where all are of one kind: what else there is to say. */
  readonly labelOf?: (event: Event) => string;
  /** Shown below an event's message. */
  readonly details?: ComponentType<Event>;
}

export function EventTable<Event extends PassedEvent>({ events, about, by, labelOf, details }: EventTableProps<Event>) {
  const shared = sharedSeconds(events.map(({ at }) => at));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">What</th>
          <th scope="col">Product</th>
          <th scope="col">{about}</th>
          <th scope="col" class="roomy">
            {by}
          </th>
          <th scope="col">
            <span class="hidden">Message</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {newestFirst(events).map((event) => (
          <EventRow
            key={event.key}
            event={event}
            precise={shared.has(secondOf(event.at))}
            label={labelOf?.(event)}
            details={details as ComponentType<PassedEvent>}
          />
        ))}
      </tbody>
    </table>
  );
}
