import { isCustomerQueue } from '../../../../../lib/shop/domain/topology.js';
import type { InvocationPassed } from '../../../../../lib/shop/floor/floor-event.js';
import { count, counted, milliseconds } from '../display/amount.js';
import { newestFirst, preciseClock } from '../display/time.js';
import { Copy } from './copy.js';
import { memo } from './memo.js';
import { Opener } from './opener.js';
import { Panel } from './panel.js';
import { isForRow } from './row-click.js';
import { RunAgain } from './run-again.js';
import { useOpen, useView } from './view.js';

const ROWS = 40;

/** Each call of a handler, newest first, with its output. */
export function InvocationsPanel({ invocations }: { invocations: readonly InvocationPassed[] }) {
  const { view, show } = useView();
  const { open, toggle } = useOpen('invocations');
  const failedOnly = view.failed !== '';
  const queues = [...new Set([...invocations.map(({ queue }) => queue), ...(view.queue === '' ? [] : [view.queue])])];
  const shown = newestFirst(invocations)
    .filter((each) => (!failedOnly || isFailed(each)) && (view.queue === '' || view.queue === each.queue))
    .slice(0, ROWS);
  return (
    <Panel
      id="invocations"
      folds
      title="Invocations"
      about="Each call of a handler, by a worker or a customer's app. If one makes more than five a second, a sample of them."
    >
      <div class="tools">
        <button
          type="button"
          class="tool"
          aria-pressed={failedOnly}
          onClick={() => show({ failed: failedOnly ? '' : 'only' })}
        >
          Only failed ones
        </button>
        <label class="tool">
          <span class="hidden">Queue</span>
          <select value={view.queue} onChange={({ currentTarget }) => show({ queue: currentTarget.value })}>
            <option value="">all queues</option>
            {queues.sort().map((queue) => (
              <option key={queue} value={queue}>
                {queue}
              </option>
            ))}
          </select>
        </label>
      </div>
      {shown.length === 0 ? (
        <p class="quiet empty">
          {invocations.length === 0
            ? 'None yet.'
            : failedOnly
              ? 'None of the latest failed.'
              : 'None of the latest is for this queue.'}
        </p>
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
                <Row key={invoked.key} invoked={invoked} open={invoked.key === open} onToggle={toggle} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

interface RowProps {
  readonly invoked: InvocationPassed;
  readonly open: boolean;
  readonly onToggle: (key: string) => void;
}

const Row = memo(function Row({ invoked, open, onToggle }: RowProps) {
  const { key, at, queue, messages, handlerMs } = invoked;
  return (
    <tr
      class={`event${isFailed(invoked) ? ' is-refused' : ''}${open ? ' is-open' : ''}`}
      onClick={(click) => isForRow(click) && onToggle(key)}
    >
      <td class="time">{preciseClock(at)}</td>
      <td class="about">{queue}</td>
      <td class="number">{count(messages)}</td>
      <td class="number">{milliseconds(handlerMs)}</td>
      <td class="roomy">
        <span class="what">{resultOf(invoked)}</span>
      </td>
      <td class="opener">
        <Opener
          open={open}
          label={`Invocation of ${queue} at ${preciseClock(at)}: ${resultOf(invoked)}`}
          onClick={() => onToggle(key)}
        />
      </td>
    </tr>
  );
});

export interface InvocationDetailsProps {
  readonly invoked: InvocationPassed;
  readonly say: (text: string) => void;
}

export function InvocationDetails({ invoked, say }: InvocationDetailsProps) {
  const { requestId, queue, name, error, stack, settledMs, messages, items, lines, linesLeftOff } = invoked;
  return (
    <div class="carrier">
      <p class="quiet">
        Request <b>{requestId}</b> of <b>{name}</b>
        {settledMs !== undefined && `, all settled after ${milliseconds(settledMs)}`}
      </p>
      {error !== undefined && <p class="invocation-error">{error}</p>}
      {stack !== undefined && (
        <>
          <pre>{stack}</pre>
          <Copy text={stack} what="the stack" />
        </>
      )}
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
          {linesLeftOff > 0 && `\n… and ${count(linesLeftOff)} more lines`}
        </pre>
      )}
      {!isCustomerQueue(queue) && <RunAgain queue={queue} requestId={requestId} say={say} />}
    </div>
  );
}

/** As the commands count failures: it threw, or reported that a message failed. */
function isFailed({ error, items }: InvocationPassed): boolean {
  return error !== undefined || items.some(({ retried }) => retried);
}

export function resultOf({ error, items }: InvocationPassed): string {
  if (error !== undefined) return 'failed';
  const rejected = items.filter((item) => item.rejected !== undefined).length;
  const retried = items.filter((item) => item.retried).length;
  const parts = [rejected > 0 && `${count(rejected)} refused`, retried > 0 && `${count(retried)} tried again`];
  return parts.filter(Boolean).join(', ') || 'done';
}
