import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { serveParent, usage } from './parent.js';

/**
 * A process with a runner on each of some queues, durable: it remembers something about every event, and sends it on with its
 * body.
 */

export interface GrowingOrders {
  readonly amqpUrl: string;
  readonly queues: readonly string[];
  /** Where each event ends up. */
  readonly done: string;
}

interface Body {
  readonly key: string;
  readonly text: string;
}

const { amqpUrl, queues, done } = JSON.parse(process.argv[2] ?? '') as GrowingOrders;
const log = adapterLog(createLogger('bench'));

await Promise.all(
  queues.map(
    (queue) =>
      new Promise<void>((resolve, reject) => {
        runQueue<number>({
          amqpUrl,
          queue,
          connectionName: queue,
          handler: queueFunction<number>('growing', ({ json, messageId = '' }, store) => {
            const body = json as Body;
            store.set(body.key, (store.get(body.key) ?? 0) + 1);
            return {
              outgoing: [
                { exchange: '', routingKey: done, body, messageId: `${messageId}.done`, type: 'done', mustRoute: true },
              ],
            };
          }),
          handlerTimeoutMs: 60_000,
          store: new StagedStore<number>(),
          changelog: {},
          youngQueueMs: 0,
          log,
          signal: new AbortController().signal,
          onStep: (step) => {
            if (step === 'subscribed') resolve();
          },
        }).catch(reject);
      }),
  ),
);

serveParent({ usage });
