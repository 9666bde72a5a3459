import { randomUUID } from 'node:crypto';
import { exists, onOwnChannel } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { ifPermitted } from '../../../lib/rabbitmq/connection/declare-missing.js';
import { type Supervision, superviseConnection } from '../../../lib/rabbitmq/connection/supervise-connection.js';
import { readStream } from '../../../lib/rabbitmq/consuming/read-stream.js';
import { declareTopology } from '../../../lib/rabbitmq/topology/topology.js';
import { TOPOLOGY_CHECK_MS, watchTopology } from '../../../lib/rabbitmq/topology/watch-topology.js';
import type { InvocationReport } from '../../../lib/runner-status/read-invocation-report.js';
import {
  BILLING_EVENTS,
  DEAD_LETTER_LOG,
  DEAD_LETTER_QUEUE,
  isCustomerQueue,
  WORKER_QUEUES,
  WORKER_STATUS,
} from '../../../lib/shop/domain/topology.js';
import type { FloorEvent, InvocationPassed } from '../../../lib/shop/floor/floor-event.js';
import {
  type HeardWorkers,
  hearWorker,
  liveWorkers,
  queueOfName,
  rememberSigner,
} from '../../../lib/shop/floor/live-workers.js';
import { readCustomerMessage, seenKeyOf } from '../../../lib/shop/floor/read-message.js';
import { RecentIds } from '../../../lib/shop/floor/recent-ids.js';
import type { QueueDepth } from '../../../lib/shop/floor/shop-status.js';
import { CUSTOMER_STREAM, FLOOR_STREAMS, FORMER_STREAM } from '../../../lib/shop/floor/streams.js';
import { DECLARED_BY } from '../topology/declared-by.js';
import { BasketBalance } from './basket-balance.js';
import { followLog } from './follow-log.js';
import { followRescale } from './follow-rescale.js';
import { Intake } from './intake.js';
import { listenToWorkers } from './listen-to-workers.js';
import type { LiveShop } from './live-shop.js';
import { LogBalance } from './log-balance.js';
import type { ShopMetrics } from './metrics.js';
import { type Looked, watchQueueDepths } from './queue-depths.js';
import { readingOf } from './reading.js';
import { watchAlarms } from './watch-alarms.js';
import { WorkerQueues } from './worker-queues.js';

export interface WatchShopOptions extends Omit<Supervision, 'connectionName' | 'backoff'> {
  readonly shop: LiveShop;
  readonly metrics: ShopMetrics;
}

/**
 * Keeps a shop up to date from the broker until the signal aborts. Every connection reads the streams from their first message: a
 * page shows what the streams hold, even if the broker comes back with other data.
 */
export async function watchShop(watching: WatchShopOptions): Promise<void> {
  const { shop, signal } = watching;
  const supervision = { ...watching, connectionName: 'shop floor', backoff: { firstMs: 200, maxMs: 3_000 } };
  const watched = superviseConnection(supervision, async (connection) => {
    try {
      await watchOn(connection, watching);
    } finally {
      shop.updateStatus({ connected: false, workers: [], rescale: undefined });
    }
  });
  const alarms = watchAlarms({
    ...watching,
    somebodyLooks: () => shop.somebodyLooks(signal),
    onAlarm: (alarm) => {
      if (alarm !== shop.status.alarm) shop.updateStatus({ alarm });
    },
  });
  await Promise.all([watched, alarms]);
}

async function watchOn(connection: Connection, { shop, metrics, log, signal }: WatchShopOptions): Promise<void> {
  // Checking needs no right; deleting does.
  if (await exists(connection, (channel) => channel.checkQueue(FORMER_STREAM))) {
    await ifPermitted(onOwnChannel(connection, (channel) => channel.deleteQueue(FORMER_STREAM)));
  }
  await declareTopology(connection, { ...FLOOR_STREAMS, declaredBy: DECLARED_BY }, log);
  void watchTopology(connection, FLOOR_STREAMS, [], { log, everyMs: TOPOLOGY_CHECK_MS, signal });
  let intake: Intake | undefined;
  const open = new Set<string>();
  const balance = new LogBalance();
  const baskets = new BasketBalance();
  let heard: HeardWorkers = new Map();
  const queues = new WorkerQueues();
  const working = () => liveWorkers(heard, Date.now()).filter(({ queue }) => queues.has(queue));
  const { ended: hearing } = await listenToWorkers(connection, signal, {
    onStatus: (status) => {
      if (isCustomerQueue(status.queue)) return;
      heard = hearWorker(heard, status, Date.now(), (name) => queues.has(name));
      if (!queues.has(status.queue)) return;
      metrics.hear(status);
      const signers = rememberSigner(shop.status.signers, { worker: status.name, queue: status.queue });
      shop.updateStatus({ workers: working(), signers });
    },
    onInvocation: (report) => intake?.take(WORKER_STATUS, [invoked(report, Date.now())]),
  });
  // Reports that are not kept are received from here on.
  const taking = new Intake(shop, () => shop.updateStatus({ connected: true }));
  intake = taking;
  try {
    await Promise.all([
      hearing,
      followCustomers(connection, signal, (events) => taking.take(CUSTOMER_STREAM, events)),
      followRescale(connection, {
        signal,
        onProgress: (rescale) => shop.updateStatus({ rescale }),
        onRecord: (record) => metrics.rescaled(record),
      }),
      followLog(connection, { open, signal, onEvents: (events) => taking.take(DEAD_LETTER_LOG, events) }),
      watchQueueDepths(connection, {
        queues: () =>
          queuesToWatch(queues, [...[...heard.values()].map(({ status }) => status.queue), ...signedOf(shop)]),
        somebodyLooks: () => shop.somebodyLooks(signal),
        signal,
        // This also covers workers that have fallen silent since.
        onDepths: (depths) => {
          queues.looked(depths);
          shop.updateStatus({
            queues: depths.filter(isShown),
            workers: working(),
            ...balance.look(open.size, depths),
            ...baskets.look(shop.floor.baskets.length, depths, working()),
          });
        },
      }),
    ]);
  } finally {
    taking.close();
  }
}

/** Reads the messages to customers, each one once, until the signal aborts. @throws ChannelGoneError */
async function followCustomers(
  connection: Connection,
  signal: AbortSignal,
  onEvents: (events: readonly FloorEvent[]) => void,
): Promise<void> {
  const ids = new RecentIds();
  for await (const messages of readStream(connection, CUSTOMER_STREAM, { from: 'first', signal })) {
    const fresh = messages.filter((message) => ids.isNew(seenKeyOf(message)));
    onEvents(fresh.map((message) => readCustomerMessage(message, readingOf(CUSTOMER_STREAM, message))));
  }
}

/** The shop's own queues, and those that workers report. */
function queuesToWatch(queues: WorkerQueues, named: readonly string[]): readonly Looked[] {
  return [
    ...queues.toLookAt(named).map((name) => ({ name, role: 'worker' }) as const),
    { name: BILLING_EVENTS, role: 'bills' },
    { name: DEAD_LETTER_QUEUE, role: 'dead letters' },
  ];
}

/** The queues of the workers that signed messages to customers, including workers that have left. */
function signedOf({ floor, status }: LiveShop): readonly string[] {
  return floor.workers.map(({ worker }) => queueOfName(worker, status)).sort();
}

/** A program's clock may be ahead. */
function invoked(report: InvocationReport, now: number): InvocationPassed {
  return { ...report, kind: 'invocation', key: randomUUID(), at: Math.min(report.startedAt, now) };
}

/** A queue that was only guessed from a worker's name need not exist. */
function isShown({ name, role, present }: QueueDepth): boolean {
  return present || role !== 'worker' || WORKER_QUEUES.some((own) => own === name);
}
