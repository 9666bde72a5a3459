import { shoppingWorker } from '../../handlers/shopping-worker.js';
import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import type { ChangelogSettings } from '../../lib/rabbitmq/changelog/settings.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import type { Catalog } from '../../lib/shop/domain/catalog.js';
import { StagedStore } from '../../lib/state/staged-store.js';

/** Ours: the shop's own handler under the adapter, as the shop runs it. */

export interface OursOrders {
  readonly amqpUrl: string;
  readonly changelog: ChangelogSettings | 'none';
  readonly key?: string;
  readonly batchSize?: number;
  readonly prefetch?: number;
  readonly statusExchange?: string;
}

export interface OursWorker {
  /** How long it took to read a changelog that was not empty, in milliseconds. */
  replayMs(): number | undefined;
  /** Resolves even if it has ended by itself. */
  close(): Promise<void>;
}

/** Resolves when it has subscribed. @throws Error if it ends before that */
export async function startOurs(queue: string, given: OursOrders, catalog: Catalog): Promise<OursWorker> {
  const { key, ...orders } = given;
  const log = adapterLog(createLogger('bench'));
  const stop = new AbortController();
  let replayMs: number | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const running = runQueue<string>({
      ...orders,
      ...(key !== undefined && { changelog: { keys: () => [key] } }),
      queue,
      connectionName: queue,
      handler: shoppingWorker(() => catalog),
      handlerTimeoutMs: 60_000,
      store: new StagedStore<string>(),
      log: {
        ...log,
        info: (_message, details) => {
          if (details?.['entries'] !== undefined && details['entries'] !== 0) replayMs = Number(details['ms']);
        },
      },
      signal: stop.signal,
      onStep: (step) => {
        if (step === 'subscribed') resolve();
      },
    });
    ended = running.catch(reject);
  });
  return {
    replayMs: () => replayMs,
    close: async () => {
      stop.abort();
      await ended;
    },
  };
}
