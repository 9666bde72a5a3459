import { newFunctionIdentity } from '../../lambda/runtime/function-identity.js';
import { StagedStore } from '../../state/staged-store.js';
import { FatalError } from '../connection/fatal-error.js';
import { RunnerActivity } from '../observing/runner-activity.js';
import type { Place } from '../rescale/enter.js';
import { TOPOLOGY_CHECK_MS } from '../topology/watch-topology.js';
import { YOUNG_QUEUE_MS } from '../topology/young-queues.js';
import type { QueueRunnerOptions } from './options.js';

/** AMQP encodes the prefetch count in two bytes. */
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
    throw new FatalError('rescale needs a changelog, so that handed-over entries are not lost');
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
