import { exportTraces, flushTraces } from '../../tracing/exporter.js';
import { pause } from '../../waiting/backoff.js';
import type { Connection } from '../connection/connection.js';
import { superviseConnection } from '../connection/supervise-connection.js';
import { observe } from '../observing/observers.js';
import { Publisher } from '../publishing/publisher.js';
import { declareTopology, EMPTY_TOPOLOGY } from '../topology/topology.js';
import { watchTopology } from '../topology/watch-topology.js';
import { closeAfterStop } from './close-after-stop.js';
import type { QueueRunnerOptions } from './options.js';
import { pollProvingFirst } from './polling.js';
import { type Runner, withDefaults } from './runner.js';
import { countsFailures, enterRing, prepareSession, sourceOf } from './session.js';

/**
 * Runs a handler on one queue until the signal aborts, through every loss of connection or channel.
 * There is never more than one batch under way: that is what makes a plain in-memory store correct.
 *
 * @example
 * import { queueFunction } from 'smart-shopping/queue-function';
 * import { runQueue } from 'smart-shopping/poller';
 *
 * const stop = new AbortController();
 * process.once('SIGTERM', () => stop.abort());
 * await runQueue({
 *   amqpUrl: 'amqp://127.0.0.1:5672',
 *   queue: 'visits',
 *   handler: queueFunction<number>('visits', ({ messageId = '' }, store) => {
 *     store.set('count', (store.get('count') ?? 0) + 1);
 *     const body = { count: store.get('count') };
 *     return { outgoing: [{ exchange: '', routingKey: 'counts', body, messageId, type: 'count', mustRoute: true }] };
 *   }),
 *   changelog: {},
 *   log: console,
 *   signal: stop.signal,
 * });
 *
 * @throws FatalError if it cannot go on without losing something.
 */
export async function runQueue<Value>(options: QueueRunnerOptions<Value>): Promise<void> {
  const runner = withDefaults(options);
  await exportTraces(runner.connectionName, (message) => runner.log.error(message, { code: 'traces-not-exported' }));
  try {
    await superviseConnection(runner, (connection, works) => runSession(runner, connection, works));
  } finally {
    await flushTraces();
  }
}

/**
 * The life of one connection: opened in this order, closed in the reverse order. @throws when the connection or a channel is lost
 */
async function runSession<Value>(runner: Runner<Value>, connection: Connection, works: () => void): Promise<void> {
  const { topology = EMPTY_TOPOLOGY, log, store, confirmTimeoutMs, youngQueueMs, signal, activity } = runner;
  const { rescale, topologyCheckMs: everyMs } = runner;
  store.rollback();
  activity.begins();
  const rescaling = await enterRing(runner, connection);
  if (rescaling?.isGone) return runner.end();
  const created = await declareTopology(connection, topology, log);
  await rescaling?.serve();
  const publisher = await Publisher.open(connection, confirmTimeoutMs);
  const observers = observe(connection, {
    ...runner,
    name: runner.connectionName,
    source: sourceOf(runner, connection),
    partialFailures: countsFailures(runner),
  });
  const shared = rescale === undefined ? [] : [rescale.exchange];
  void watchTopology(connection, topology, shared, { log, everyMs, signal });
  const cancelDeadline = closeAfterStop(runner, connection);
  try {
    const session = { ...(await prepareSession(runner, connection, publisher, observers.watch)), works, rescaling };
    if (created.length > 0 || session.journal.young) await pause(youngQueueMs, signal);
    await pollProvingFirst(session);
    await publisher.close();
    activity.ends();
  } finally {
    await observers.end();
    cancelDeadline();
  }
}
