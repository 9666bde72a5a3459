import type { BodyFilter } from '../../lambda/event/filter-patterns.js';
import { MAX_PAYLOAD_BYTES, payloadBytes } from '../../lambda/event/payload.js';
import type { RmqEventSource } from '../../lambda/event/rmq-event-builder.js';
import { type FunctionIdentity, newFunctionIdentity } from '../../lambda/runtime/function-identity.js';
import type { QueueHandler } from '../../lambda/runtime/handler.js';
import type { Turn } from '../../lambda/runtime/turns.js';
import { StagedStore } from '../../state/staged-store.js';
import { exportTraces, flushTraces } from '../../tracing/exporter.js';
import { Changelog, type ChangelogSettings } from '../changelog/changelog.js';
import { type Journal, noJournal } from '../changelog/journal.js';
import { type Backoff, pause } from '../connection/backoff.js';
import { type Connection, superviseConnection } from '../connection/connection.js';
import { filtering } from '../consuming/filtering.js';
import { Poller } from '../consuming/poller.js';
import type { Log } from '../log.js';
import type { BatchReport } from '../observing/batch-report.js';
import type { InvocationWatch } from '../observing/invocation-watch.js';
import { observe } from '../observing/observers.js';
import type { Invoked } from '../observing/runner-activity.js';
import { RunnerActivity } from '../observing/runner-activity.js';
import { Exchanges } from '../publishing/exchanges.js';
import { Publisher } from '../publishing/publisher.js';
import type { OnStep } from '../steps.js';
import { declareTopology, EMPTY_TOPOLOGY, type Topology } from '../topology/topology.js';
import { YOUNG_QUEUE_MS } from '../topology/young-queues.js';
import { type Retry, type Settling, settleBatch } from './batch.js';
import { closeAfterStop } from './close-after-stop.js';
import { rejectingOn } from './rejecting.js';

export interface QueueRunnerOptions<Value> {
  readonly amqpUrl: string;
  readonly queue: string;
  readonly handler: QueueHandler<Value>;
  /** Where it reports; `console` and the Powertools logger fit as they are. */
  readonly log: Log;
  /** Stops the runner: the running batch is finished, no new one is taken. */
  readonly signal: AbortSignal;
  /** Names the connection in the broker's listings and, as `app_id`, the sender of every message. Default: the queue's name. */
  readonly connectionName?: string;
  /** Default 30,000. */
  readonly handlerTimeoutMs?: number;
  /** Asked at each invocation: whether it may take as long as it likes, as under a debugger. Default: never. */
  readonly untimed?: () => boolean;
  /** The handler's memory, `context.store`. Default: a new one. */
  readonly store?: StagedStore<Value>;
  /** Keeps the store in the stream `<queue>.changelog`. Default `'none'`: it lasts as long as the process. */
  readonly changelog?: ChangelogSettings | 'none';
  /** Declared on every connection. */
  readonly topology?: Topology;
  /** What helps where the queue is missing, for the line that says so. */
  readonly missingAdvice?: string;
  /** Most messages of one event. Default 256. */
  readonly batchSize?: number;
  /** How long a batch that is not full waits for more. Default 0: it is handled at once. */
  readonly batchingWindowMs?: number;
  /** What it does not match is removed from the queue, as AWS does. Default: nothing. */
  readonly filter?: BodyFilter;
  /** Most messages that wait here unacknowledged. Default 512, or two batches where that is more. */
  readonly prefetch?: number;
  /** What becomes of a batch that fails. Default `'bounded'`. */
  readonly retry?: Retry;
  /**
   * Rejects messages also where the queue has no dead-letter exchange that can be seen over AMQP: unless a policy names one,
   * RabbitMQ destroys them. Without it they are kept, tried again, and what is behind them waits. Default false.
   */
  readonly mayDiscard?: boolean;
  /** How often a failing batch is tried before its messages are tried alone. Default 3. */
  readonly attempts?: number;
  /** How often a message may fail while others get through, before it is rejected. Default 3. */
  readonly poisonAttempts?: number;
  /** How often a message may end the process before it is rejected; needs a changelog. Default 5. */
  readonly deathsAllowed?: number;
  /** How long the handler may fail at everything before it costs a message. Default 120,000. */
  readonly outageMs?: number;
  /** Default 10. */
  readonly heartbeatSeconds?: number;
  /** Default 10,000. */
  readonly confirmTimeoutMs?: number;
  /** How often a queue that delivers nothing is asked whether it still knows this consumer. Default 10,000. */
  readonly subscriptionCheckMs?: number;
  /** How long a queue or changelog that it had to declare is left alone. Default 2,000: see young-queues.ts. */
  readonly youngQueueMs?: number;
  /** How long a stop waits for the running batch. Default 30,000. */
  readonly stopTimeoutMs?: number;
  /** Between attempts at anything. Default 100 ms, doubling up to 10 s. */
  readonly backoff?: Backoff;
  /** A stream that is told why a message is rejected, before it is. Default: none. */
  readonly deadLetterLog?: string | undefined;
  /** A fanout exchange that is told how the runner is doing, and of its invocations. Default: none. */
  readonly statusExchange?: string | undefined;
  /** How often it is told how the runner is doing. Default 2,000. */
  readonly statusEveryMs?: number;
  /** What the handler's context says. Default: a new one, by the queue's name. */
  readonly identity?: FunctionIdentity;
  readonly eventSourceArn?: string;
  /** Where one process serves several queues as one execution environment: the turn that they share. Default: none. */
  readonly turn?: Turn;
  /** Observes every point where a crash must lose nothing; tests kill there. */
  readonly onStep?: OnStep;
  readonly onBatch?: (report: BatchReport) => void;
  /** Told of each return of the handler that counts for nothing, in words such as `a string`. Default: nobody. */
  readonly onIgnoredReturn?: (what: string) => void;
  /** Messages that the filter has removed since it was last called, at most once a second. */
  readonly onFiltered?: (messages: number) => void;
}

/** Nothing came for so long: time to mark what was sent as confirmed. */
const QUIET_MS = 1_000;

/** Each step returns what is held to the queue and so raises its delivery count: few steps. */
const UNPROVEN_STEP = 8;

/** AMQP has two bytes for it. */
const MAX_PREFETCH = 65_535;

const DEFAULTS = {
  handlerTimeoutMs: 30_000,
  changelog: 'none',
  batchSize: 256,
  batchingWindowMs: 0,
  retry: 'bounded',
  mayDiscard: false,
  attempts: 3,
  poisonAttempts: 3,
  deathsAllowed: 5,
  outageMs: 120_000,
  confirmTimeoutMs: 10_000,
  subscriptionCheckMs: 10_000,
  youngQueueMs: YOUNG_QUEUE_MS,
  stopTimeoutMs: 30_000,
  statusEveryMs: 2_000,
  backoff: { firstMs: 100, maxMs: 10_000 },
  eventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:local:b-00000000-0000-0000-0000-000000000000',
  untimed: () => false,
  turn: (run) => run(),
  onStep: () => undefined,
  onBatch: () => undefined,
  onIgnoredReturn: () => undefined,
  onFiltered: () => undefined,
} satisfies Partial<QueueRunnerOptions<never>>;

type Runner<Value> = QueueRunnerOptions<Value> &
  Required<Pick<QueueRunnerOptions<Value>, keyof typeof DEFAULTS | keyof ReturnType<typeof madeFor>>> & {
    readonly activity: RunnerActivity;
  };

/**
 * Runs a handler on one queue until the signal aborts, through every loss of connection or channel.
 * There is never more than one batch under way: that is what makes a plain in-memory store correct.
 *
 * @example
 * import { queueFunction } from 'smart-shopping/queue-function';
 * import { runQueue } from 'smart-shopping/queue-runner';
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
  const runner = { ...DEFAULTS, ...madeFor(options), activity: new RunnerActivity(), ...options };
  await exportTraces(runner.connectionName, (message) => runner.log.error(message));
  try {
    await superviseConnection(runner, (connection, works) => runSession(runner, connection, works));
  } finally {
    await flushTraces();
  }
}

/** Defaults that depend on the other options, or belong to one runner. */
function madeFor<Value>({ queue, batchSize = DEFAULTS.batchSize }: QueueRunnerOptions<Value>) {
  return {
    connectionName: queue,
    identity: newFunctionIdentity({ functionName: queue }),
    prefetch: Math.min(Math.max(512, 2 * batchSize), MAX_PREFETCH),
    store: new StagedStore<Value>(),
  };
}

/** One connection's life: opened in this order, closed in the reverse one. @throws when connection or channel is lost. */
async function runSession<Value>(runner: Runner<Value>, connection: Connection, works: () => void): Promise<void> {
  const { topology = EMPTY_TOPOLOGY, log, store, confirmTimeoutMs, youngQueueMs, signal, activity } = runner;
  store.rollback();
  activity.begins();
  const created = await declareTopology(connection, topology, log);
  const publisher = await Publisher.open(connection, confirmTimeoutMs);
  const observers = observe(connection, {
    ...runner,
    name: runner.connectionName,
    source: sourceOf(runner, connection),
    partialFailures: countsFailures(runner),
  });
  const cancelDeadline = closeAfterStop(runner, connection);
  try {
    const session = { ...(await prepareSession(runner, connection, publisher, observers.watch)), works };
    if (created.length > 0 || session.journal.young) await pause(youngQueueMs, signal);
    await pollProvingFirst(session);
    await publisher.close();
    activity.ends();
  } finally {
    await observers.end();
    cancelDeadline();
  }
}

function countsFailures<Value>({ retry }: Runner<Value>): boolean {
  return retry === 'bounded';
}

function sourceOf<Value>({ queue, eventSourceArn }: Runner<Value>, { vhost }: Connection): RmqEventSource {
  return { queue, vhost, eventSourceArn };
}

/** A runner on one connection: all that settling a batch needs, but for the subscription it came from. */
type Session<Value> = Runner<Value> &
  Omit<Settling<Value>, 'poller' | 'mayLeave' | 'proven'> & {
    readonly connection: Connection;
    /** Says that a batch was settled. */
    readonly works: () => void;
  };

async function prepareSession<Value>(
  runner: Runner<Value>,
  connection: Connection,
  publisher: Publisher,
  watch: InvocationWatch,
): Promise<Omit<Session<Value>, 'works'>> {
  const { handler, handlerTimeoutMs, store, connectionName } = runner;
  const rejecting = await rejectingOn(runner, connection);
  // A stream, which Amazon MQ has not.
  const deadLetterLog = connection.isAmazonMq ? undefined : runner.deadLetterLog;
  const exchanges = new Exchanges(connection, runner.topology?.exchanges);
  const base = { ...runner, connection, publisher, exchanges };
  const { changelog: settings } = runner;
  const journal: Journal<Value> = settings === 'none' ? noJournal() : await Changelog.open({ ...base, settings });
  const invoker = {
    source: sourceOf(runner, connection),
    handler,
    identity: runner.identity,
    timeoutMs: handlerTimeoutMs,
    untimed: runner.untimed,
    store,
    partialFailures: countsFailures(runner),
    turn: runner.turn,
    onIgnoredReturn: runner.onIgnoredReturn,
    onInvoked: (invoked: Invoked) => runner.activity.invoked(invoked),
    watch,
  };
  return { ...base, ...rejecting, journal, invoker, appId: connectionName, deadLetterLog };
}

/**
 * A message that kills the process comes back, and each time it raises the delivery count of all that were prefetched
 * with it. A journal can count deaths itself, so that the queue's delivery limit may be high. Without one nothing is
 * prefetched until a message that was never delivered before has been settled. That costs order: a quorum queue returns
 * a message behind others that were returned before it (3.10.8, tried). AWS takes no such care, and fills its first batch.
 */
async function pollProvingFirst<Value>(session: Session<Value>): Promise<void> {
  if (!session.journal.countsDeaths && session.retry === 'bounded') {
    let prefetch = 1;
    while ((await poll(session, { prefetch, untilProven: true })) === 'undecided') {
      prefetch = Math.min(prefetch * UNPROVEN_STEP, session.prefetch);
    }
    if (session.signal.aborted) return;
  }
  await poll(session, { prefetch: session.prefetch, untilProven: false });
}

async function poll<Value>(
  session: Session<Value>,
  { prefetch, untilProven }: { readonly prefetch: number; readonly untilProven: boolean },
): Promise<'done' | 'undecided'> {
  const { connection, queue, missingAdvice, batchSize, batchingWindowMs, signal, journal } = session;
  const { subscriptionCheckMs, onStep, onBatch, activity } = session;
  const limits = {
    maxMessages: batchSize,
    maxBytes: MAX_PAYLOAD_BYTES,
    sizeOf: payloadBytes,
    windowMs: batchingWindowMs,
  };
  const poller = await Poller.open(connection, queue, { prefetch, missingAdvice, ...filtering(session) });
  activity.subscribed(poller);
  onStep('subscribed');
  const mayLeave = untilProven && prefetch < session.prefetch;
  let proven = false;
  let undecided = false;
  for (let batches = 0; ; batches++) {
    while (await poller.quiet(journal.unmarked ? QUIET_MS : subscriptionCheckMs, signal)) {
      if (journal.unmarked) await journal.markConfirmed();
      else poller.checkSubscription();
    }
    const deliveries = await poller.take(limits, signal);
    if (deliveries.length === 0) break;
    activity.delivered();
    onStep('delivered');
    // A standby is not told that it has become the active consumer: its first delivery is the sign.
    if (batches === 0) await journal.recover();
    const provenBefore = proven;
    proven ||= deliveries.some(({ fields }) => !fields.redelivered);
    const last = untilProven && proven;
    if (last) poller.holdSettlements();
    const { report, unsettled } = await settleBatch({ ...session, poller, mayLeave, proven: provenBefore }, deliveries);
    if (report.messages > 0) {
      session.works();
      activity.settled(report);
      onBatch(report);
    }
    undecided = unsettled > 0;
    if (last || undecided) break;
  }
  // Before the subscription ends: whoever takes over opens a new epoch, and no mark of this one counts after it.
  if (signal.aborted) await journal.markConfirmed();
  await poller.close();
  return undecided && !signal.aborted ? 'undecided' : 'done';
}
