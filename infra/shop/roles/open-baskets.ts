import { changelogOf } from '../../../lib/rabbitmq/changelog/stream.js';
import { exists } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { lastOffset } from '../../../lib/rabbitmq/consuming/stream-end.js';
import type { RunnerStatus } from '../../../lib/runner-status/read-runner-status.js';
import { isCustomerQueue, WORKER_QUEUES } from '../../../lib/shop/domain/topology.js';
import { pause } from '../../../lib/waiting/backoff.js';
import { listenToWorkers } from '../web/listen-to-workers.js';

/** Workers tell how they are doing every two seconds. */
const LISTEN_MS = 2_500;

/**
 * The other queues on which baskets may be open: those whose worker says so, and those that have been used and whose worker
 * does not know yet, or does not run. Of the latter only the shop's own are known.
 */
export async function queuesWithBaskets(
  connection: Connection,
  besides: string,
  signal: AbortSignal,
): Promise<string[]> {
  const told = new Map<string, RunnerStatus | undefined>(WORKER_QUEUES.map((queue) => [queue, undefined]));
  await listenToWorkers(connection, signal, {
    onStatus: (status) => {
      // One that stands by, or was delivered nothing yet, has read no changelog.
      if (told.get(status.queue)?.state !== 'active') told.set(status.queue, status);
    },
    onInvocation: () => undefined,
  });
  await pause(LISTEN_MS, signal);
  const found: string[] = [];
  for (const [queue, status] of told) {
    if (queue === besides || isCustomerQueue(queue) || signal.aborted) continue;
    const some = status?.state === 'active' ? status.entries > 0 : await wasUsed(connection, queue, signal);
    if (some) found.push(queue);
  }
  return found;
}

async function wasUsed(connection: Connection, queue: string, signal: AbortSignal): Promise<boolean> {
  const changelog = changelogOf(queue);
  if (!(await exists(connection, (channel) => channel.checkQueue(changelog)))) return false;
  return (await lastOffset(connection, changelog, signal)) >= 0;
}
