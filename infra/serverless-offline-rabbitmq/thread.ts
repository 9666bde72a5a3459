import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import type { QueueHandler } from '../../lib/lambda/handler.js';
import type { BatchReport } from '../../lib/rabbitmq/polling/open-batch.js';
import { runPartition } from '../../lib/rabbitmq/polling/partition.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { beat } from './heartbeat.js';
import { loadHandler } from './load-handler.js';
import type { FromThread, QueueWork, ThreadWork, ToThread } from './thread-work.js';
import { troubleLog } from './trouble-log.js';

/** The inside of a worker thread: it serves its queues until it is told to stop. */

const work = workerData as ThreadWork;
const stop = new AbortController();
let amqpUrl = work.amqpUrl;
let moved = new AbortController();

beat(work.heartbeat);
for (const signal of [stop.signal, moved.signal]) setMaxListeners(0, signal);
parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'stop') {
    stop.abort();
    return;
  }
  amqpUrl = message.amqpUrl;
  moved.abort();
  moved = new AbortController();
  setMaxListeners(0, moved.signal);
});

const handler = await loadHandler(work.handler);
await Promise.all(work.queues.map((queue) => serve(queue, handler)));
// What the handler's module has opened would keep the thread alive.
process.exit(0);

/** Keeps its memory when the broker moves: the deliveries go on where they were. */
async function serve(work: QueueWork, handler: QueueHandler<unknown>): Promise<void> {
  const store = new StagedStore<unknown>();
  while (!stop.signal.aborted) {
    await runPartition(partitionOf(work, handler, store, AbortSignal.any([stop.signal, moved.signal])));
  }
}

function partitionOf(
  { queue, virtualHost, batchSize, eventSourceArn }: QueueWork,
  handler: QueueHandler<unknown>,
  store: StagedStore<unknown>,
  signal: AbortSignal,
) {
  const { functionName, timeoutMs, prefetch, attempts, changelog } = work;
  let deliveredAt = 0;
  return {
    amqpUrl: atVirtualHost(amqpUrl, virtualHost),
    queue,
    connectionName: queue,
    functionName,
    handler,
    handlerTimeoutMs: timeoutMs,
    store,
    changelog: changelog ? {} : ('none' as const),
    log: troubleLog(queue, (trouble) => tell({ kind: 'trouble', trouble })),
    signal,
    batchSize,
    ...(prefetch !== undefined && { prefetch }),
    ...(attempts !== undefined && { attempts }),
    ...(eventSourceArn !== undefined && { eventSourceArn }),
    onStep: (step: string) => {
      if (step === 'subscribed') tell({ kind: 'subscribed', queue });
      if (step === 'delivered') deliveredAt = performance.now();
    },
    onBatch: ({ messages, repeated, rejected }: BatchReport) => {
      const durationMs = performance.now() - deliveredAt;
      const reasons = rejected.map(({ reason }) => reason);
      tell({ kind: 'batch', batch: { queue, messages, durationMs, repeated, rejected: reasons } });
    },
  };
}

function atVirtualHost(amqpUrl: string, virtualHost: string | undefined): string {
  if (virtualHost === undefined) return amqpUrl;
  const url = new URL(amqpUrl);
  url.pathname = `/${encodeURIComponent(virtualHost)}`;
  return url.href;
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}
