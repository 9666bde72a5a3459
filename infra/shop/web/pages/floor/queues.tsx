import type { InvocationStats, LiveWorker } from '../../../../../lib/shop/floor/live-workers.js';
import type { ServedQueue } from '../../../../../lib/shop/floor/served-queues.js';
import type { QueueDepth } from '../../../../../lib/shop/floor/shop-status.js';
import { isDeserted } from '../../../../../lib/shop/floor/troubles.js';
import { count, counted, rate } from '../display/amount.js';
import { QueueLink } from './links.js';
import { Panel } from './panel.js';

export interface QueuesProps {
  readonly served: readonly ServedQueue[];
  readonly queues: readonly QueueDepth[];
}

/** What waits in each queue, who works on it, and how fast. */
export function Queues({ served, queues }: QueuesProps) {
  return (
    <Panel id="queues" folds title="Queues">
      <table>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" class="number">
              Waiting
            </th>
            <th scope="col" class="number">
              Handled
            </th>
          </tr>
        </thead>
        <tbody>
          {served.map(({ depth, workers }) => depth && <QueueRow key={depth.name} depth={depth} workers={workers} />)}
          {queues
            .filter(({ role }) => role !== 'worker')
            .map((depth) => (
              <QueueRow key={depth.name} depth={depth} workers={[]} />
            ))}
        </tbody>
      </table>
    </Panel>
  );
}

function QueueRow({ depth, workers }: { depth: QueueDepth; workers: readonly LiveWorker[] }) {
  const { name, role, present, waiting } = depth;
  const active = workers.find(({ role }) => role === 'active');
  return (
    <tr>
      <td>
        <p class="queue">
          {role === 'worker' ? <QueueLink queue={name}>{breakable(name)}</QueueLink> : breakable(name)}
        </p>
        <p class="reader">{workers.length === 0 ? readersOf(depth) : workers.map(doing).join(', ')}</p>
        {active?.invocations !== undefined && <p class="reader">{invocationsOf(active.invocations)}</p>}
      </td>
      <td class={`number${isDeserted(depth) ? ' is-refused toned' : ''}`}>{present ? count(waiting) : '–'}</td>
      <td class="number">{active === undefined ? '' : rate(active.perSecond)}</td>
    </tr>
  );
}

/** A worker that serverless-offline runs is named after its queue. */
function doing({ worker, queue, role }: LiveWorker): string {
  return worker === queue ? role : `${worker} ${role}`;
}

/** Those of the last two seconds. */
function invocationsOf({ count: calls, failed, messages, ms }: InvocationStats): string {
  const size = `${counted(Math.round(messages * 10) / 10, 'message')} in ${count(Math.round(ms * 10) / 10)} ms`;
  return `${counted(calls, 'invocation')}, ${calls === 1 ? 'of' : 'each of'} ${size}${failed > 0 ? `, ${count(failed)} failed` : ''}`;
}

const IDLE: Readonly<Record<QueueDepth['role'], string>> = {
  worker: 'no worker',
  bills: 'bills waiting for the till',
  'dead letters': 'refused events waiting for someone',
};

/** Consumers about which nothing is known except their number. */
function readersOf({ role, present, consumers }: QueueDepth): string {
  if (!present) return 'not declared';
  if (consumers > 0) return counted(consumers, role === 'worker' ? 'unknown worker' : 'reader');
  return IDLE[role];
}

/** A long name may wrap after its parts. */
function breakable(name: string) {
  return name.split(/(?<=_)/).map((part, index) => [index > 0 && <wbr key={index} />, part]);
}
