import type { DeadLetter } from '../../../../lib/floor/floor-event.js';
import { count } from '../display/amount.js';
import { EventRow } from './event-row.js';
import { Panel } from './panel.js';

const ROWS = 10;

export function DeadLetters({ deadLetters, total }: { deadLetters: readonly DeadLetter[]; total: number }) {
  return (
    <Panel id="dead-letters" title="Dead letters" note={`${count(total)} so far`}>
      {deadLetters.length === 0 ? (
        <p class="quiet empty">None: every event could be handled.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">What</th>
              <th scope="col">Product</th>
              <th scope="col">Reason</th>
              <th scope="col" class="roomy">
                From
              </th>
              <th scope="col">
                <span class="hidden">Message</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deadLetters.slice(0, ROWS).map((event) => (
              <EventRow key={event.key} event={event} label={event.event?.type ?? 'no event'} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
