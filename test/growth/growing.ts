import { getEventListeners, once } from 'node:events';
import { createHeartbeat } from '../../infra/functions/heartbeat.js';
import { superviseThread } from '../../infra/functions/supervised-thread.js';
// The thread's own file, which is loaded by its path, imported so that it is compiled, too.
import type {} from '../../infra/functions/thread.js';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { serveParent } from '../bench/parent.js';

/** A process that serves a queue, and starts a thread again and again. It reports what it holds on request. */

export interface GrowingOrders {
  readonly amqpUrl: string;
  readonly queue: string;
  readonly threadQueue: string;
  /** Folder and handler of the thread. */
  readonly codeDir: string;
  readonly handler: string;
}

/** What a process holds, after a collection. */
export interface Held {
  readonly heapMb: number;
  readonly residentMb: number;
  /** What keeps the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Of the signal that ends everything, of the process, and of what is open. */
  readonly listeners: number;
}

const { amqpUrl, queue, threadQueue, codeDir, handler } = JSON.parse(process.argv[2] ?? '') as GrowingOrders;
const stop = new AbortController();
let settled = 0;
let sessions = 0;

void runQueue<number>({
  amqpUrl,
  queue,
  handler: queueFunction('growing', ({ json }, store) => {
    const { key } = json as { readonly key: string };
    store.set(key, (store.get(key) ?? 0) + 1);
    return { outgoing: [] };
  }),
  changelog: {},
  backoff: { firstMs: 1, maxMs: 20 },
  log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: console.error },
  signal: stop.signal,
  onBatch: ({ accepted, repeated }) => {
    settled += accepted + repeated;
  },
  onStep: (step) => {
    if (step === 'subscribed') sessions++;
  },
});

serveParent({ progress: () => ({ settled, sessions }), held, restart: restartThread });

async function held(): Promise<Held> {
  for (let time = 0; time < 3; time++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const ofProcess = process.eventNames().map((name) => process.listenerCount(name));
  return {
    heapMb: (heapUsed + external) / 1e6,
    residentMb: rss / 1e6,
    resources,
    listeners: [getEventListeners(stop.signal, 'abort').length, ...ofProcess].reduce((sum, count) => sum + count),
  };
}

/** Starts a thread so many times, each time when it has loaded its handler. */
async function restartThread(times: number): Promise<number> {
  const over = new AbortController();
  const loads = new EventTarget();
  const work = {
    functionName: 'growing',
    region: undefined,
    account: undefined,
    memoryMb: 128,
    timeoutMs: 10_000,
    untimed: false,
    handler,
    codeDir,
    serviceDir: codeDir,
    queues: [
      {
        queue: threadQueue,
        virtualHost: undefined,
        batchSize: 10,
        batchingWindowMs: 0,
        filterPatterns: [],
        retry: 'bounded' as const,
        eventSourceArn: undefined,
      },
    ],
    broker: { amqpUrl, folder: undefined },
    prefetch: undefined,
    attempts: undefined,
    changelog: false,
    changelogKeys: undefined,
    mayDiscard: true,
    recordable: false,
    deadLetterLog: undefined,
    statusExchange: undefined,
    logsJson: false,
    heartbeat: createHeartbeat(),
  };
  let loaded = once(loads, 'loaded');
  const thread = superviseThread({
    work,
    environment: {},
    memoryMb: 128,
    onMessage: ({ kind }) => kind === 'subscribed' && loads.dispatchEvent(new Event('loaded')),
    onEnd: (reason) => console.error(reason),
    signal: over.signal,
  });
  let restarted = 0;
  for (; restarted < times; restarted++) {
    await loaded;
    loaded = once(loads, 'loaded');
    await thread.reload();
  }
  await loaded;
  over.abort();
  await thread.ended;
  return restarted;
}
