import type { BrokerAddress } from '../../../lib/rabbitmq/connection/address.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import type { SettledMessage } from '../../../lib/rabbitmq/observing/batch-report.js';
import type { QueueRunnerOptions } from '../../../lib/rabbitmq/runner/options.js';
import { runQueue } from '../../../lib/rabbitmq/runner/run-queue.js';

/** What every role needs to run in this process. */
export interface RoleOptions {
  readonly amqpUrl: BrokerAddress;
  readonly log: Log;
  /** Stops the role; the running batch is finished first. */
  readonly signal: AbortSignal;
}

/** A role that runs on its queue. */
export interface Role {
  /** Resolves when the role is subscribed; rejects if it ends before that. */
  readonly ready: Promise<void>;
  /** Resolves when the role has stopped and closed its connection. */
  readonly ended: Promise<void>;
}

/** The shop's handlers take microseconds; one that hangs should not hold up the queue for long. */
const HANDLER_TIMEOUT_MS = 5_000;

type Fixed = 'handlerTimeoutMs' | 'onBatch' | 'onStep';

/** Runs a handler on one queue, and reports the outcome of every message. */
export function startRole<Value>(
  options: Omit<QueueRunnerOptions<Value>, Fixed>,
  onSettled: (message: SettledMessage) => void,
): Role {
  let listening = (): void => undefined;
  const subscribed = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const ended = runQueue<Value>({
    ...options,
    handlerTimeoutMs: HANDLER_TIMEOUT_MS,
    onStep: (step) => {
      if (step === (options.rescale === undefined ? 'subscribed' : 'in the ring')) listening();
    },
    onBatch: ({ settled }) => settled.forEach(onSettled),
  });
  const endedEarly = ended.then(() => {
    throw new Error(`stopped before it listened to ${options.queue}`);
  });
  const ready = Promise.race([subscribed, endedEarly]);
  // A caller that does not wait for `ready` gets the same error from `ended`.
  ready.catch(() => undefined);
  return { ready, ended };
}
