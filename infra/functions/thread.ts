import { once, setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { compileFilterPatterns } from '../../lib/lambda/event/filter-patterns.js';
import { WITH_CALLBACK } from '../../lib/lambda/runtime/call-handler.js';
import { executionEnvironment } from '../../lib/lambda/runtime/execution-environment.js';
import { identityEnvironment, newFunctionIdentity } from '../../lib/lambda/runtime/function-identity.js';
import type { QueueHandler } from '../../lib/lambda/runtime/handler.js';
import { keysOf } from '../../lib/rabbitmq/changelog/keys.js';
import { atVirtualHost } from '../../lib/rabbitmq/connection/address.js';
import { UnservableError } from '../../lib/rabbitmq/connection/fatal-error.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import type { RescaleChange } from '../../lib/rabbitmq/rescale/settings.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { proseLog } from '../terminal/prose.js';
import { beat, isDebugged } from './heartbeat.js';
import { loadHandler, locateHandler } from './load-handler.js';
import { addressOf } from './local-address.js';
import { type FromThread, nameOf, type QueueWork, type ThreadWork, type ToThread } from './thread-work.js';

/** The inside of a worker thread: it serves its queues until it is told to stop. */

const work = workerData as ThreadWork;
const stop = new AbortController();

// A handler's stack traces name the lines of its sources.
process.setSourceMapsEnabled(true);
beat(work.heartbeat);
setMaxListeners(0, stop.signal);
parentPort?.on('message', (_: ToThread) => stop.abort());

const identity = newFunctionIdentity(work);
// A service cannot set these on AWS, either.
Object.assign(process.env, identityEnvironment(identity));

/** Reported once, because a handler usually returns the same each time. */
let hasIgnored = false;

/** All queues share it: two invocations at once would share one trace. */
const turn = executionEnvironment();

const handlerFile = locateHandler(work.codeDir, work.handler);
tell({ kind: 'located', file: handlerFile.file });
// middy and similar packages expect their own event types; the author of a queue's handler knows what it receives.
const handler = (await loadHandler(handlerFile, work.serviceDir)) as unknown as QueueHandler<unknown>;
tell({ kind: 'loaded', declaresCallback: handler.length >= WITH_CALLBACK });
await Promise.all(work.queues.map(serve));
if (!stop.signal.aborted) await once(stop.signal, 'abort');
// Open handles of the handler's module would keep the thread alive.
process.exit(0);

async function serve(queueWork: QueueWork): Promise<void> {
  const { queue, virtualHost, batchSize, batchingWindowMs, filterPatterns, retry, eventSourceArn, sharedKeys } =
    queueWork;
  const { timeoutMs, untimed, heartbeat, prefetch, attempts, changelog, changelogKeys: keys } = work;
  const { mayDiscard, recordable, deadLetterLog } = work;
  const name = nameOf(queueWork);
  let deliveredAt = 0;
  await runQueue({
    amqpUrl: atVirtualHost(addressOf(work.broker), virtualHost),
    queue,
    connectionName: queue,
    identity,
    turn,
    handler,
    handlerTimeoutMs: timeoutMs,
    untimed: () => untimed || isDebugged(heartbeat),
    store: new StagedStore<unknown>(),
    changelog: changelog ? { ...(keys !== undefined && { keys: keysOf(keys) }) } : 'none',
    mayDiscard,
    recordable,
    deadLetterLog,
    statusExchange: work.statusExchange,
    log: await noticingLoss(name),
    signal: stop.signal,
    missingAdvice: 'custom.rabbitmq.declareQueues: true in serverless.yml declares it',
    batchSize,
    batchingWindowMs,
    retry,
    ...(filterPatterns.length > 0 && { filter: compileFilterPatterns(filterPatterns) }),
    onIgnoredReturn: (what) => {
      if (!hasIgnored) tell({ kind: 'ignored return', what });
      hasIgnored = true;
    },
    onFiltered: (messages) => tell({ kind: 'filtered', queue: name, messages }),
    ...(sharedKeys !== undefined && {
      topology: sharedKeys.topology,
      rescale: {
        ...sharedKeys.rescale,
        onChange: (change: RescaleChange) => tell({ kind: 'rescaled', queue: name, change }),
      },
    }),
    ...(prefetch !== undefined && { prefetch }),
    ...(attempts !== undefined && { attempts }),
    ...(eventSourceArn !== undefined && { eventSourceArn }),
    onStep: (step) => {
      if (step === (sharedKeys === undefined ? 'subscribed' : 'in the ring')) tell({ kind: 'subscribed', queue: name });
      if (step === 'delivered') deliveredAt = performance.now();
    },
    onBatch: ({ messages, repeated, rejected }) => {
      const durationMs = performance.now() - deliveredAt;
      const reasons = rejected.map(({ reason }) => reason);
      tell({ kind: 'batch', queue: name, batch: { messages, durationMs, repeated, rejected: reasons } });
    },
  }).catch((error: unknown) => {
    if (!(error instanceof UnservableError)) throw error;
    tell({ kind: 'refused', queue: name, reason: error.message });
  });
}

/** The runner's log; the end of a session is also reported separately. */
async function noticingLoss(queue: string): Promise<Log> {
  const log = work.logsJson ? await jsonLog(queue) : proseLog((trouble) => tell({ kind: 'trouble', queue, trouble }));
  return {
    ...log,
    warn: (message, details) => {
      if (details?.['code'] === 'session-ended') tell({ kind: 'lost', queue });
      log.warn(message, details);
    },
  };
}

async function jsonLog(queue: string): Promise<Log> {
  const { adapterLog, createLogger } = await import('../../lib/lambda/function/logger.js');
  const logger = createLogger(work.functionName, 'INFO');
  logger.appendPersistentKeys({ queue });
  return adapterLog(logger);
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}
