import type { BrokerAddress } from '../../../lib/rabbitmq/connection/address.js';
import { replyCode } from '../../../lib/rabbitmq/connection/channel.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../../lib/rabbitmq/dead-letters/list.js';
import { messagesOf, removeLetters } from '../../../lib/rabbitmq/dead-letters/remove-letters.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import { DEAD_LETTER_LOG, DEAD_LETTER_QUEUE } from '../../../lib/shop/domain/topology.js';
import type { ActionProgress } from '../../../lib/shop/floor/shop-status.js';

export interface DeadLetterAction {
  readonly kind: ActionProgress['kind'];
  /** Ids of dead letters, or all waiting ones. */
  readonly which: readonly string[] | 'all';
  /** The actor's name for the log of dead letters. */
  readonly by: string;
}

export interface DeadLetterActionOptions {
  readonly amqpUrl: BrokerAddress;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ActionProgress) => void;
}

const PLACES = { queue: DEAD_LETTER_QUEUE, log: DEAD_LETTER_LOG };

/** Redrives or purges dead letters on request from a page, one action at a time. */
export class DeadLetterActions {
  readonly #options: DeadLetterActionOptions;
  #busy = false;

  constructor(options: DeadLetterActionOptions) {
    this.#options = options;
  }

  /** False if another action is under way. The outcome is reported as progress; it never throws. */
  start(mending: DeadLetterAction): boolean {
    if (this.#busy) return false;
    this.#busy = true;
    void this.#run(mending);
    return true;
  }

  async #run({ kind, which, by }: DeadLetterAction): Promise<void> {
    const { amqpUrl, log, signal, onProgress } = this.#options;
    let progress: ActionProgress = { startedAt: Date.now(), kind, state: 'running', done: 0, total: 0 };
    const tell = (more: Partial<ActionProgress>): void => {
      progress = { ...progress, ...more };
      onProgress(progress);
    };
    tell({});
    try {
      await onConnection({ amqpUrl, connectionName: kind, log }, async (connection) => {
        const { letters } = await listDeadLetters(connection, { ...PLACES, signal });
        const chosen = letters.filter(
          ({ id, state }) => state === 'waiting' && (which === 'all' || which.includes(id)),
        );
        tell({ total: messagesOf(chosen) });
        const onProgress = (done: number): void => tell({ done });
        const { left } = await removeLetters(connection, kind, chosen, {
          ...PLACES,
          by,
          signal,
          onProgress,
        });
        const [first] = left;
        if (first !== undefined) tell({ problem: `${left.length} stay: ${first.problem}` });
      });
      tell({ state: progress.problem === undefined && progress.done === progress.total ? 'done' : 'failed' });
    } catch (error) {
      log.warn('dead letters were left', { kind, error });
      const isMissing = replyCode(error) === 404;
      tell({ state: 'failed', problem: isMissing ? 'there is no queue of dead letters' : 'the broker went away' });
    } finally {
      this.#busy = false;
    }
  }
}
