import { useState } from 'preact/hooks';
import type { InvocationPassed } from '../../../../../lib/shop/floor/floor-event.js';
import { count, counted, milliseconds } from '../display/amount.js';
import { newestFirst, preciseClock } from '../display/time.js';
import { memo } from './memo.js';
import { Panel } from './panel.js';
import { isForRow } from './row-click.js';

const ROWS = 40;

/** Each call of a handler, newest first, with what it wrote. */
export function InvocationsPanel({ invocations }: { invocations: readonly InvocationPassed[] }) {
  const [failedOnly, setFailedOnly] = useState(false);
  const shown = newestFirst(invocations)
    .filter(({ error }) => !failedOnly || error !== undefined)
    .slice(0, ROWS);
  return (
    <Panel
      id="invocations"
      title="Invocations"
      about="Calls of the handlers of workers and customers' apps. Where there are more than five a second of one, a sample."
    >
      <div class="tools">
        <button type="button" class="tool" aria-pressed={failedOnly} onClick={() => setFailedOnly(!failedOnly)}>
          Only failed ones
        </button>
      </div>
      {shown.length === 0 ? (
        <p class="quiet empty">{failedOnly ? 'None of them failed.' : 'Nobody has told of one yet.'}</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Queue</th>
                <th scope="col" class="number">
                  Messages
                </th>
                <th scope="col" class="number">
                  Handler
                </th>
                <th scope="col" class="roomy">
                  Result
                </th>
                <th scope="col">
                  <span class="hidden">Details</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((invoked) => (
                <Row key={invoked.key} invoked={invoked} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const Row = memo(function Row({ invoked }: { invoked: InvocationPassed }) {
  const [open, setOpen] = useState(false);
  const { at, queue, messages, handlerMs, error } = invoked;
  return (
    <>
      <tr
        class={error === undefined ? 'event' : 'event is-rejected'}
        onClick={(click) => isForRow(click) && setOpen(!open)}
      >
        <td class="time">{preciseClock(at)}</td>
        <td class="about">{queue}</td>
        <td class="number">{count(messages)}</td>
        <td class="number">{milliseconds(handlerMs)}</td>
        <td class="roomy">
          <span class="what">{resultOf(invoked)}</span>
        </td>
        <td class="opener">
          <button
            type="button"
            aria-expanded={open}
            aria-label={`Invocation of ${queue} at ${preciseClock(at)}: ${resultOf(invoked)}`}
            onClick={() => setOpen(!open)}
          >
            {open ? '−' : '+'}
          </button>
        </td>
      </tr>
      {open && (
        <tr class="event-details">
          <td colSpan={6}>
            <Details invoked={invoked} />
          </td>
        </tr>
      )}
    </>
  );
});

function Details({ invoked }: { invoked: InvocationPassed }) {
  const { requestId, name, error, settledMs, messages, items, lines, linesLeftOff } = invoked;
  return (
    <div class="carrier">
      <p class="quiet">
        Request <b>{requestId}</b> of <b>{name}</b>
        {settledMs !== undefined && `, all settled after ${milliseconds(settledMs)}`}
      </p>
      {error !== undefined && <p class="invocation-error">{error}</p>}
      <ul class="invocation-items">
        {items.map(({ messageId = 'without an id', sent, rejected, retried }, index) => (
          <li key={index}>
            <b>{messageId}</b>{' '}
            {rejected ?? (retried ? 'failed, tried again' : `led to ${counted(sent.length, 'message')}`)}
          </li>
        ))}
        {messages > items.length && <li class="quiet">and {count(messages - items.length)} more</li>}
      </ul>
      <p class="quiet">{lines.length === 0 ? 'The handler wrote nothing.' : 'The handler wrote:'}</p>
      {lines.length > 0 && (
        <pre>
          {lines.join('\n')}
          {linesLeftOff > 0 && `\n… and ${count(linesLeftOff)} lines more`}
        </pre>
      )}
    </div>
  );
}

function resultOf({ error, items }: InvocationPassed): string {
  if (error !== undefined) return 'failed';
  const rejected = items.filter((item) => item.rejected !== undefined).length;
  const retried = items.filter((item) => item.retried).length;
  const parts = [rejected > 0 && `${count(rejected)} rejected`, retried > 0 && `${count(retried)} tried again`];
  return parts.filter(Boolean).join(', ') || 'done';
}
