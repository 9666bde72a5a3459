import { shoppingWorker } from '../../handlers/shopping-worker.js';
import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import type { ChangelogSettings } from '../../lib/rabbitmq/changelog/settings.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { heldBytes, serveParent, usage } from './parent.js';
import { shopCatalog } from './work.js';

/** Ours: the shop's own handler under the adapter, one runner per queue, as the shop runs it. */

interface OursOrders {
  readonly amqpUrl: string;
  readonly changelog: ChangelogSettings | 'none';
  readonly key?: string;
  readonly batchSize?: number;
  readonly prefetch?: number;
  readonly statusExchange?: string;
}

const { key, ...orders } = JSON.parse(process.argv[2] ?? '') as OursOrders;
const log = adapterLog(createLogger('bench'));
let replayMs: number | undefined;

const subscribed = WORKER_QUEUES.map(
  (queue) =>
    new Promise<void>((resolve, reject) => {
      runQueue<string>({
        ...orders,
        ...(key !== undefined && { changelog: { keys: () => [key] } }),
        queue,
        connectionName: queue,
        handler: shoppingWorker(shopCatalog),
        handlerTimeoutMs: 60_000,
        store: new StagedStore<string>(),
        log: {
          ...log,
          info: (_message, details) => {
            if (details?.['entries'] !== undefined && details['entries'] !== 0) replayMs = Number(details['ms']);
          },
        },
        signal: new AbortController().signal,
        onStep: (step) => {
          if (step === 'subscribed') resolve();
        },
      }).catch(reject);
    }),
);
await Promise.all(subscribed);

serveParent({ usage, heldBytes, replayMs: () => replayMs });
