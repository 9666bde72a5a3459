import { superviseConnection } from '../../../lib/rabbitmq/connection/supervise-connection.js';
import { type HeardWorkers, hearWorker, liveWorkers } from '../../../lib/shop/floor/live-workers.js';
import { pause } from '../../../lib/waiting/backoff.js';
import { listenToWorkers } from '../web/listen-to-workers.js';
import type { RoleOptions } from './role.js';

export interface WatchOwnerOptions extends RoleOptions {
  readonly id: string;
  readonly queue: string;
  /** Called with the owner of the queue whenever it changes, except for the first one. */
  readonly onOwner: (worker: string) => void;
}

const LOOK_EVERY_MS = 1_000;
const BACKOFF = { firstMs: 200, maxMs: 10_000 };

/**
 * Follows which worker owns a queue, until the signal aborts. AMQP does not tell a standby that it is active before its first
 * delivery, and counts only the active one, so this uses the workers' own reports.
 */
export async function watchOwner({ id, queue, onOwner, ...role }: WatchOwnerOptions): Promise<void> {
  const { signal } = role;
  const supervision = { ...role, connectionName: `${id} stands by`, backoff: BACKOFF };
  let heard: HeardWorkers = new Map();
  let owner: string | undefined;
  await superviseConnection(supervision, async (connection, works) => {
    await listenToWorkers(connection, signal, {
      onStatus: (status) => {
        heard = hearWorker(heard, status, Date.now());
      },
      onInvocation: () => undefined,
    });
    works();
    while (!signal.aborted) {
      await pause(LOOK_EVERY_MS, signal);
      const now = liveWorkers(heard, Date.now()).find((worker) => worker.queue === queue)?.worker;
      if (now === undefined || now === owner) continue;
      if (owner !== undefined) onOwner(now);
      owner = now;
    }
  });
}
