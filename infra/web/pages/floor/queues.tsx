import { WORKER_QUEUES } from '../../../../lib/shop/topology.js';
import type { QueueDepth } from '../../shop-status.js';
import { count } from '../display/amount.js';
import { Panel } from './panel.js';

const OF_WORKERS = new Set<string>(WORKER_QUEUES);

export function Queues({ queues }: { queues: readonly QueueDepth[] }) {
  return (
    <Panel id="queues" title="Queues">
      <table>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" class="number">
              Waiting
            </th>
            <th scope="col" class="number">
              Readers
            </th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <tr key={queue.name}>
              <td class="queue">{queue.name}</td>
              <td class="number">{queue.present ? count(queue.waiting) : '–'}</td>
              <td class="number">{readersOf(queue)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** A worker queue has one active worker at a time; the others stand by. */
function readersOf({ name, present, consumers }: QueueDepth): string {
  if (!present) return 'not declared';
  if (!OF_WORKERS.has(name)) return consumers === 0 ? 'nobody' : count(consumers);
  if (consumers === 0) return 'no worker';
  return consumers === 1 ? '1 active' : `1 active, ${count(consumers - 1)} by`;
}
