import type { BodyFilter } from '../../lambda/event/filter-patterns.js';
import type { FunctionIdentity } from '../../lambda/runtime/function-identity.js';
import type { QueueHandler } from '../../lambda/runtime/handler.js';
import type { Turn } from '../../lambda/runtime/turns.js';
import type { StagedStore } from '../../state/staged-store.js';
import type { Backoff } from '../../waiting/backoff.js';
import type { ChangelogSettings } from '../changelog/settings.js';
import type { BrokerAddress } from '../connection/address.js';
import type { AdapterLog } from '../log.js';
import type { BatchReport } from '../observing/batch-report.js';
import type { RescaleSettings } from '../rescale/settings.js';
import type { OnStep } from '../steps.js';
import type { Topology } from '../topology/topology.js';
import type { Retry } from './batch.js';

/** What makes up a batch. */
export interface BatchingOptions {
  /** The maximum number of messages in one event. Default 256. */
  readonly batchSize?: number;
  /** How long a batch that is not full waits for more messages, in milliseconds. Default 0: it does not wait. */
  readonly batchingWindowMs?: number;
  /** The maximum number of unacknowledged messages that wait here. Default 512, or two batches if that is more. */
  readonly prefetch?: number;
}

/** What happens to a batch that fails. */
export interface RetryOptions {
  /**
   * `'bounded'`: the batch is tried again, then each of its messages alone; a message that fails while others succeed is
   * rejected. `'aws'`: the whole batch is tried again until it succeeds. Default `'bounded'`.
   */
  readonly retry?: Retry;
  /** How often a failing batch is tried before its messages are tried alone. Default 3. */
  readonly attempts?: number;
  /** How often a message may fail while others get through before it is rejected. Default 3. */
  readonly poisonAttempts?: number;
  /** How often a message may end the process before it is rejected; needs a changelog. Default 5. */
  readonly crashesAllowed?: number;
  /** How long the handler may fail at every message before failing messages are rejected. Default 120,000. */
  readonly outageMs?: number;
  /** The pauses between attempts, `{ firstMs, maxMs }`. Default 100 ms, doubling up to 10 s. */
  readonly backoff?: Backoff;
  /**
   * Whether messages are rejected even if AMQP shows no dead-letter exchange for the queue: unless a policy names one,
   * RabbitMQ destroys them. Otherwise they are kept and tried again, and everything behind them waits. Default false.
   */
  readonly mayDiscard?: boolean;
}

/** Time limits and intervals, in milliseconds unless stated otherwise. */
export interface TimingOptions {
  /** The time limit of one invocation. Default 30,000. */
  readonly handlerTimeoutMs?: number;
  /** Called for each invocation: whether it may run without a time limit, as under a debugger. Default: never. */
  readonly untimed?: () => boolean;
  /** How long to wait for the broker to confirm what was published. Default 10,000. */
  readonly confirmTimeoutMs?: number;
  /** How long to wait for the broker's answer to a request, such as whether a queue exists. Default 60,000. */
  readonly answerTimeoutMs?: number;
  /** How long the running batch may take when the runner is stopped. Default 30,000. */
  readonly stopTimeoutMs?: number;
  /** The heartbeat interval, in seconds. A broker that misses two heartbeats counts as gone. Default 10. */
  readonly heartbeatSeconds?: number;
  /** How often a queue that delivers nothing is checked for this consumer's subscription. Default 10,000. */
  readonly subscriptionCheckMs?: number;
  /** How often the exchanges of the `topology` and their bindings are checked. Default 5,000. */
  readonly topologyCheckMs?: number;
  /** How long to leave a queue or changelog alone that had to be declared. Default 2,000: see young-queues.ts. */
  readonly youngQueueMs?: number;
}

/** What is reported, and to whom. */
export interface ReportingOptions {
  /** A stream that receives the reason why a message is rejected, before it is. Default: none. */
  readonly deadLetterLog?: string | undefined;
  /** A fanout exchange that receives reports of the runner's state and its invocations. Default: none. */
  readonly statusExchange?: string | undefined;
  /** How often the runner's state is reported. Default 2,000. */
  readonly statusEveryMs?: number;
  /**
   * Whether `smart-shopping events record` may copy what the handler gets and answers, and its memory. Everyone who may write
   * to the exchange `smart-shopping.recordings` may then record. Default false.
   */
  readonly recordable?: boolean;
  /** Called with a report of each settled batch. */
  readonly onBatch?: (report: BatchReport) => void;
  /** Called at every point at which a crash must lose nothing; tests kill the process there. */
  readonly onStep?: OnStep;
  /** Called for each return value of the handler that has no effect, with its kind in words, such as `a string`. */
  readonly onIgnoredReturn?: (what: string) => void;
  /** Called at most once a second, with the number of messages that the filter has removed since the last call. */
  readonly onFiltered?: (messages: number) => void;
}

export interface QueueRunnerOptions<Value> extends BatchingOptions, RetryOptions, TimingOptions, ReportingOptions {
  /** The broker's address, such as `amqps://user:password@host:5671/vhost`, or a function that returns it for each connection. */
  readonly amqpUrl: BrokerAddress;
  /** The queue whose messages the handler gets. */
  readonly queue: string;
  /** The function that gets the messages, in the form of a Lambda handler. */
  readonly handler: QueueHandler<Value>;
  /** The log. `console` and the Powertools logger fit as they are. */
  readonly log: AdapterLog;
  /** Stops the runner: it finishes the running batch and takes no new one. */
  readonly signal: AbortSignal;
  /** Exchanges, queues and bindings to declare on every connection. Default: none. */
  readonly topology?: Topology;
  /** Messages that it does not match are removed from the queue, as on AWS. Default: all match. */
  readonly filter?: BodyFilter;
  /** The handler's memory, `context.store`. Default: a new one. */
  readonly store?: StagedStore<Value>;
  /** Keeps the store in the stream `<queue>.changelog`. Default `'none'`: it lasts as long as the process. */
  readonly changelog?: ChangelogSettings | 'none';
  /** For a queue that shares the keys of a hash exchange with others: entries move with their keys. Default: none. */
  readonly rescale?: RescaleSettings;
  /**
   * The name of the connection in the broker's listings and, as `app_id`, the sender of every message. Default: the queue's
   * name.
   */
  readonly connectionName?: string;
  /** The function's identity in the handler's context. Default: a new one with the queue's name. */
  readonly identity?: FunctionIdentity;
  /** The `eventSourceArn` of the event. Default: a made-up one. */
  readonly eventSourceArn?: string;
  /**
   * For a process that serves several queues as one execution environment: the turn that they share, from
   * `executionEnvironment()`. Default: none.
   */
  readonly turn?: Turn;
  /** What to do if the queue is missing, for the log line that reports it. */
  readonly missingAdvice?: string;
}
