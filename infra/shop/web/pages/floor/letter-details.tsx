import { clock, millisecondsOf } from '../display/time.js';
import { EventDetails } from './event-details.js';
import { LetterActions, type LetterActionsProps } from './letter-actions.js';

/** The history of a dead letter, step by step, and the event itself. */
export function LetterDetails({ letter, busy, wish }: LetterActionsProps) {
  const { state, history, latest } = letter;
  return (
    <>
      <ol class="steps" aria-label="What happened to it">
        {history.map(({ at, what, reason, by }, index) => (
          <li key={index} class={what === 'refused' ? 'is-refused' : 'is-picked-up'}>
            <span class="time">
              {clock(at)}
              {millisecondsOf(at)}
            </span>{' '}
            <span class="what">{what}</span>
            {reason !== undefined && `: ${reason}`}
            {by !== undefined && ` by ${by}`}
          </li>
        ))}
        {state === 'waiting' && <li class="quiet">It waits among the dead letters.</li>}
      </ol>
      {state === 'waiting' && (
        <div class="tools">
          <LetterActions letter={letter} busy={busy} wish={wish} />
        </div>
      )}
      <EventDetails event={latest} />
    </>
  );
}
