import { useRef } from 'preact/hooks';
import { LETTER_STATES, type Letter, type LetterState } from '../../../../../lib/shop/floor/letters.js';
import type { ShopStatus } from '../../../../../lib/shop/floor/shop-status.js';
import { count } from '../display/amount.js';
import { sinceOf } from '../display/time.js';
import { useNarrow } from '../use-live.js';
import { ActionLine } from './action-line.js';
import { Confirm } from './confirm.js';
import type { Acting } from './letter-actions.js';
import { LetterTable } from './letter-table.js';
import { Panel } from './panel.js';
import { useView } from './view.js';

const ROWS = 10;
const ROWS_ON_A_PHONE = 4;

export interface DeadLettersProps {
  readonly letters: readonly Letter[];
  /** Refusals: one event may be refused more than once. */
  readonly total: number;
  readonly since: number | undefined;
  readonly status: ShopStatus;
  readonly acting: Acting;
  readonly say: (text: string) => void;
}

const EMPTY: Readonly<Record<LetterState, string>> = {
  waiting: 'None: every event was handled.',
  'sent back': 'None of the latest was sent back.',
  dropped: 'None of the latest was dropped.',
};

function times(number: number): string {
  return number === 1 ? 'once' : `${count(number)} times`;
}

/** What was refused, and what the user can do about it. */
export function DeadLetters({ letters, total, since, status, acting, say }: DeadLettersProps) {
  const { wish, refusal, awaited } = acting;
  const { view, show } = useView();
  const rows = useNarrow() ? ROWS_ON_A_PHONE : ROWS;
  const shown = LETTER_STATES.find((state) => state === view.letters) ?? 'waiting';
  const { action, missingLetters, unloggedLetters } = status;
  const waiting = status.queues.find(({ role }) => role === 'dead letters')?.waiting ?? 0;
  const busy = action?.state === 'running';
  const dialog = useRef<HTMLDialogElement>(null);
  const inState = (state: LetterState) => letters.filter((letter) => letter.state === state);
  const listed = inState(shown);
  return (
    <Panel
      id="dead-letters"
      title="Refused events"
      note={`${count(waiting)} waiting${since === undefined ? '' : `, refused ${times(total)} ${sinceOf(since)}`}`}
      about="What a worker could not handle, and why. It waits until someone sends it back or drops it."
    >
      <div class="tools">
        <fieldset class="tabs">
          <legend class="hidden">Which refused events</legend>
          {LETTER_STATES.map((state) => (
            <button
              key={state}
              type="button"
              class="tool"
              aria-pressed={state === shown}
              onClick={() => show({ letters: state === 'waiting' ? '' : state })}
            >
              {state[0]?.toUpperCase()}
              {state.slice(1)} <span class="quiet">{count(state === 'waiting' ? waiting : inState(state).length)}</span>
            </button>
          ))}
        </fieldset>
        {shown === 'waiting' && waiting > 0 && (
          <div class="tabs">
            <button type="button" class="tool" disabled={busy} onClick={() => void wish('redrive', { all: true })}>
              Send all back
            </button>
            <button type="button" class="tool" disabled={busy} onClick={() => dialog.current?.showModal()}>
              Drop all …
            </button>
          </div>
        )}
        <Confirm
          dialog={dialog}
          question={`Drop ${count(waiting)} refused events for good?`}
          yes="Drop them"
          onYes={() => void wish('purge', { all: true })}
        />
        <ActionLine action={action} refusal={refusal} awaited={awaited} say={say} />
      </div>
      {missingLetters > 0 && (
        <p class="is-refused toned">
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
      {listed.length === 0 ? (
        <p class="quiet empty">
          {shown === 'waiting' && waiting > 0 ? 'None of the waiting ones is among the latest.' : EMPTY[shown]}
        </p>
      ) : (
        <LetterTable letters={listed.slice(0, rows)} busy={busy} wish={wish} />
      )}
      {listed.length > rows && <p class="quiet">The latest {rows} are here.</p>}
    </Panel>
  );
}
