import type { LiveWorker } from '../../../../lib/floor/live-workers.js';
import type { ServedQueue } from '../../../../lib/floor/served-queues.js';
import type { QueueDepth } from '../../../../lib/floor/shop-status.js';
import { count, rate } from '../display/amount.js';
import { Panel } from './panel.js';

export interface QueuesProps {
  readonly served: readonly ServedQueue[];
  readonly queues: readonly QueueDepth[];
}

/** What waits, who works on it and how fast. */
export function Queues({ served, queues }: QueuesProps) {
  return (
    <Panel id="queues" title="Queues">
      <table>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" class="number">
              Waiting
            </th>
            <th scope="col">Read by</th>
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
  return (
    <tr>
      <td class="queue">{depth.name}</td>
      <td class="number">{depth.present ? count(depth.waiting) : '–'}</td>
      <td>
        {workers.length === 0 ? (
          <p class="reader quiet">{readersOf(depth)}</p>
        ) : (
          workers.map((worker, index) => (
            <p key={index} class={`reader ${worker.role === 'active' ? '' : 'quiet'}`}>
              {worker.worker}, {doing(worker)}
            </p>
          ))
        )}
      </td>
    </tr>
  );
}

function doing({ role, perSecond }: LiveWorker): string {
  return role === 'active' ? `active, ${rate(perSecond)}` : role;
}

/** Of whom nothing is known but their number. */
function readersOf({ role, present, consumers }: QueueDepth): string {
  if (!present) return 'not declared';
  if (consumers > 0) return `${count(consumers)} unknown`;
  return role === 'worker' ? 'no worker' : 'nobody';
}
