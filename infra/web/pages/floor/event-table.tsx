import type { FloorEvent } from '../../../../lib/floor/floor-event.js';
import { EventRow } from './event-row.js';

export interface EventTableProps<Event extends FloorEvent> {
  readonly events: readonly Event[];
  /** What the column says that is a customer, or the reason of a dead letter. */
  readonly about: string;
  readonly by: string;
  /** Where all are of one kind: what else there is to say. */
  readonly labelOf?: (event: Event) => string;
}

export function EventTable<Event extends FloorEvent>({ events, about, by, labelOf }: EventTableProps<Event>) {
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
        {events.map((event) => (
          <EventRow key={event.key} event={event} label={labelOf?.(event)} />
        ))}
      </tbody>
    </table>
  );
}
