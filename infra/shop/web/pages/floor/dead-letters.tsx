import { useRef, useState } from 'preact/hooks';
import type { RefusedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import type { ActionProgress, ShopStatus } from '../../../../../lib/shop/floor/shop-status.js';
import { count } from '../display/amount.js';
import { sinceOf } from '../display/time.js';
import { act } from './act.js';
import { ActionLine } from './action-line.js';
import { Confirm } from './confirm.js';
import { EventTable } from './event-table.js';
import { Panel } from './panel.js';

const ROWS = 10;

export interface DeadLettersProps {
  readonly deadLetters: readonly RefusedEvent[];
  readonly total: number;
  readonly since: number | undefined;
  readonly status: ShopStatus;
  readonly say: (text: string) => void;
}

/** What was refused, and what a person can do about it. */
export function DeadLetters({ deadLetters, total, since, status, say }: DeadLettersProps) {
  const [refusal, setRefusal] = useState<string>();
  const awaited = useRef(false);
  const wish = async (kind: ActionProgress['kind'], which: object): Promise<void> => {
    awaited.current = true;
    setRefusal(await act(kind, which));
  };
  const { action, missingLetters, unloggedLetters } = status;
  const waiting = status.queues.find(({ role }) => role === 'dead letters')?.waiting ?? 0;
  const idle = waiting === 0 || action?.state === 'running';
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <Panel
      id="dead-letters"
      title="Dead letters"
      note={`${count(waiting)} waiting, ${count(total)} ${sinceOf(since) || 'so far'}`}
      about="What a worker refused, and why. It waits until somebody sends it back or drops it."
    >
      <div class="tools">
        <button type="button" class="tool" disabled={idle} onClick={() => void wish('redrive', { all: true })}>
          Send all back
        </button>
        <button type="button" class="tool" disabled={idle} onClick={() => dialog.current?.showModal()}>
          Drop all …
        </button>
        <Confirm
          dialog={dialog}
          question={`Drop ${count(waiting)} dead letters for good?`}
          yes="Drop them"
          onYes={() => void wish('purge', { all: true })}
        />
        <ActionLine action={action} refusal={refusal} awaited={awaited} say={say} />
      </div>
      {missingLetters > 0 && (
        <p class="is-rejected">
          Missing from the queue: {count(missingLetters)}. Another consumer took them, or the broker does not
          dead-letter.
        </p>
      )}
      {unloggedLetters > 0 && (
        <p class="quiet">
          Waiting beside those of the log: {count(unloggedLetters)}. <code>smart-shopping dead-letters list</code> lists
          them.
        </p>
      )}
      {deadLetters.length === 0 ? (
        <p class="quiet empty">None: every event could be handled.</p>
      ) : (
        <EventTable
          events={deadLetters.slice(0, ROWS)}
          about="Reason"
          by="Worker"
          labelOf={({ event, fate }) => [event?.type ?? 'no event', fate].filter(Boolean).join(', ')}
          details={OneLetter}
        />
      )}
    </Panel>
  );
}

/** Beside the message of one that waits. */
function OneLetter({ id, fate }: RefusedEvent) {
  const [refusal, setRefusal] = useState<string>();
  if (fate !== undefined) return null;
  return (
    <div class="tools">
      <button type="button" class="tool" onClick={() => void act('redrive', { ids: [id] }).then(setRefusal)}>
        Send it back
      </button>
      <p class="answer">{refusal}</p>
    </div>
  );
}
