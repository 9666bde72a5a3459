import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { newestFirst, secondOf, sharedSeconds } from '../display/time.js';
import { EventRow } from './event-row.js';
import { useOpen } from './view.js';

export function EventTable({ list, events }: { list: string; events: readonly PassedEvent[] }) {
  const shared = sharedSeconds(events.map(({ at }) => at));
  const { open, toggle } = useOpen(list);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">What</th>
          <th scope="col">Product</th>
          <th scope="col">Who or why</th>
          <th scope="col" class="roomy">
            Worker
          </th>
          <th scope="col">
            <span class="hidden">Details</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {newestFirst(events).map((event) => (
          <EventRow
            key={event.key}
            event={event}
            precise={shared.has(secondOf(event.at))}
            open={event.key === open}
            onToggle={toggle}
          />
        ))}
      </tbody>
    </table>
  );
}
