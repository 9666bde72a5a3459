import type { DeadLetter } from '../../../../lib/floor/floor-event.js';
import { count } from '../display/amount.js';
import { EventTable } from './event-table.js';
import { Panel } from './panel.js';

const ROWS = 10;

export function DeadLetters({ deadLetters, total }: { deadLetters: readonly DeadLetter[]; total: number }) {
  return (
    <Panel
      id="dead-letters"
      title="Dead letters"
      note={`${count(total)} so far`}
      about="What a worker refused, and why. It waits until somebody sends it back or drops it."
    >
      {deadLetters.length === 0 ? (
        <p class="quiet empty">None: every event could be handled.</p>
      ) : (
        <EventTable
          events={deadLetters.slice(0, ROWS)}
          about="Reason"
          by="Worker"
          labelOf={({ event }) => event?.type ?? 'no event'}
        />
      )}
    </Panel>
  );
}
