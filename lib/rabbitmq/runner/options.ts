import type { BodyFilter } from '../../lambda/event/filter-patterns.js';
import { type FunctionIdentity, newFunctionIdentity } from '../../lambda/runtime/function-identity.js';
import type { QueueHandler } from '../../lambda/runtime/handler.js';
import type { Turn } from '../../lambda/runtime/turns.js';
import { StagedStore } from '../../state/staged-store.js';
import type { Backoff } from '../../waiting/backoff.js';
import type { ChangelogSettings } from '../changelog/settings.js';
import type { BrokerAddress } from '../connection/address.js';
import { FatalError } from '../connection/connection.js';
import type { AdapterLog } from '../log.js';
import type { BatchReport } from '../observing/batch-report.js';
import { RunnerActivity } from '../observing/runner-activity.js';
import type { Place } from '../rescale/enter.js';
import type { RescaleSettings } from '../rescale/settings.js';
import type { OnStep } from '../steps.js';
import type { Topology } from '../topology/topology.js';
import { TOPOLOGY_CHECK_MS } from '../topology/watch-topology.js';
import { YOUNG_QUEUE_MS } from '../topology/young-queues.js';
import type { Retry } from './batch.js';

/** What a batch is. */
export interface BatchingOptions {
  /** Most messages of one event. Default 256. */
  readonly batchSize?: number;
  /** How long a batch that is not full waits for more messages, in milliseconds. Default 0: it is handled at once. */
  readonly batchingWindowMs?: number;
  /** Most messages that wait here unacknowledged. Default 512, or two batches where that is more. */
  readonly prefetch?: number;
}

/** What becomes of a batch that fails. */
export interface RetryOptions {
  /**
   * `'bounded'`: the batch is tried again, then each of its messages alone; one that fails while others succeed is rejected.
   * `'aws'`: the whole batch is tried again until it succeeds. Default `'bounded'`.
   */
  readonly retry?: Retry;
  /** How often a failing batch is tried before its messages are tried alone. Default 3. */
  readonly attempts?: number;
  /** How often a message may fail while others get through, before it is rejected. Default 3. */
  readonly poisonAttempts?: number;
  /** How often a message may end the process before it is rejected; needs a changelog. Default 5. */
  readonly crashesAllowed?: number;
  /** How long the handler may fail at everything before it costs a message. Default 120,000. */
  readonly outageMs?: number;
  /** Between attempts at anything. Default 100 ms, doubling up to 10 s. */
  readonly backoff?: Backoff;
  /**
   * Rejects messages also where the queue has no dead-letter exchange that can be seen over AMQP: unless a policy names one,
   * RabbitMQ destroys them. Without it they are kept, tried again, and what is behind them waits. Default false.
   */
  readonly mayDiscard?: boolean;
}

/** How long something may take. Milliseconds, where nothing else is said. */
export interface TimingOptions {
  /** One invocation. Default 30,000. */
  readonly handlerTimeoutMs?: number;
  /** Asked at each invocation: whether it may take as long as it likes, as under a debugger. Default: never. */
  readonly untimed?: () => boolean;
  /** The broker, to confirm what was published. Default 10,000. */
  readonly confirmTimeoutMs?: number;
  /** The broker, to answer a question, such as whether a queue is there. Default 60,000. */
  readonly answerTimeoutMs?: number;
  /** The running batch, when the runner is stopped. Default 30,000. */
  readonly stopTimeoutMs?: number;
  /** In seconds. A broker that is silent for two heartbeats counts as gone. Default 10. */
  readonly heartbeatSeconds?: number;
  /** How often a queue that delivers nothing is asked whether it still knows this consumer. Default 10,000. */
  readonly subscriptionCheckMs?: number;
  /** How often it looks whether the exchanges of its `topology` are there, and its bindings. Default 5,000. */
  readonly topologyCheckMs?: number;
  /** How long a queue or changelog that it had to declare is left alone. Default 2,000: see young-queues.ts. */
  readonly youngQueueMs?: number;
}

/** Who is told what. */
export interface ReportingOptions {
  /** A stream that is told why a message is rejected, before it is. Default: none. */
  readonly deadLetterLog?: string | undefined;
  /** A fanout exchange that is told how the runner is doing, and of its invocations. Default: none. */
  readonly statusExchange?: string | undefined;
  /** How often it is told how the runner is doing. Default 2,000. */
  readonly statusEveryMs?: number;
  /**
   * Whether `smart-shopping events record` may copy what the handler gets and answers, and its memory. Whoever may write to
   * the exchange `smart-shopping.recordings` may then record. Default false.
   */
  readonly recordable?: boolean;
  /** Told of each batch that was settled. */
  readonly onBatch?: (report: BatchReport) => void;
  /** Observes every point where a crash must lose nothing; tests kill there. */
  readonly onStep?: OnStep;
  /** Told of each return of the handler that counts for nothing, in words such as `a string`. Default: nobody. */
  readonly onIgnoredReturn?: (what: string) => void;
  /** Messages that the filter has removed since it was last called, at most once a second. */
  readonly onFiltered?: (messages: number) => void;
}

export interface QueueRunnerOptions<Value> extends BatchingOptions, RetryOptions, TimingOptions, ReportingOptions {
  /** Such as `amqps://user:password@host:5671/vhost`, or a function that gives it for each connection. */
  readonly amqpUrl: BrokerAddress;
  readonly queue: string;
  readonly handler: QueueHandler<Value>;
  /** Where it reports; `console` and the Powertools logger fit as they are. */
  readonly log: AdapterLog;
  /** Stops the runner: the running batch is finished, no new one is taken. */
  readonly signal: AbortSignal;
  /** Declared on every connection. */
  readonly topology?: Topology;
  /** What it does not match is removed from the queue, as AWS does. Default: nothing. */
  readonly filter?: BodyFilter;
  /** The handler's memory, `context.store`. Default: a new one. */
  readonly store?: StagedStore<Value>;
  /** Keeps the store in the stream `<queue>.changelog`. Default `'none'`: it lasts as long as the process. */
  readonly changelog?: ChangelogSettings | 'none';
  /** Where the queue shares the keys of a hash exchange with others, and entries move with their keys. Default: it does not. */
  readonly rescale?: RescaleSettings;
  /** Names the connection in the broker's listings and, as `app_id`, the sender of every message. Default: the queue's name. */
  readonly connectionName?: string;
  /** What the handler's context says. Default: a new one, by the queue's name. */
  readonly identity?: FunctionIdentity;
  /** What the event says. Default: a made-up one. */
  readonly eventSourceArn?: string;
  /** Where one process serves several queues as one execution environment: the turn that they share, `executionEnvironment()`. Default: none. */
  readonly turn?: Turn;
  /** What helps where the queue is missing, for the line that says so. */
  readonly missingAdvice?: string;
}

/** AMQP has two bytes for it. */
const MAX_PREFETCH = 65_535;

const DEFAULTS = {
  handlerTimeoutMs: 30_000,
  changelog: 'none',
  batchSize: 256,
  batchingWindowMs: 0,
  retry: 'bounded',
  mayDiscard: false,
  recordable: false,
  attempts: 3,
  poisonAttempts: 3,
  crashesAllowed: 5,
  outageMs: 120_000,
  confirmTimeoutMs: 10_000,
  subscriptionCheckMs: 10_000,
  topologyCheckMs: TOPOLOGY_CHECK_MS,
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

/** The options with their defaults, and what the runner does. */
export type Runner<Value> = QueueRunnerOptions<Value> &
  Required<Pick<QueueRunnerOptions<Value>, keyof typeof DEFAULTS | keyof ReturnType<typeof madeFor>>> & {
    readonly activity: RunnerActivity;
    /** Ends the runner: its queue is gone for good. */
    readonly end: () => void;
    /** Its queue's place in a ring, as it was on the last connection. */
    readonly place: Place;
  };

/** Defaults that depend on the other options, or belong to one runner. */
function madeFor<Value>({ queue, batchSize = DEFAULTS.batchSize }: QueueRunnerOptions<Value>) {
  return {
    connectionName: queue,
    identity: newFunctionIdentity({ functionName: queue }),
    prefetch: Math.min(Math.max(512, 2 * batchSize), MAX_PREFETCH),
    store: new StagedStore<Value>(),
  };
}

export function withDefaults<Value>(options: QueueRunnerOptions<Value>): Runner<Value> {
  if (options.rescale !== undefined && (options.changelog ?? 'none') === 'none') {
    throw new FatalError('rescale needs a changelog: what is handed over must not be lost');
  }
  const ending = new AbortController();
  return {
    ...DEFAULTS,
    ...madeFor(options),
    activity: new RunnerActivity(),
    ...options,
    signal: AbortSignal.any([options.signal, ending.signal]),
    end: () => ending.abort(),
    place: { wasMember: false },
  };
}
