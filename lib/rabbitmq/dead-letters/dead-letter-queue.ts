import type { ConsumeMessage } from 'amqplib';
import { pause } from '../../waiting/backoff.js';
import { onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { Poller } from '../consuming/poller.js';

/** If nothing arrives for this long, someone else has taken the rest. */
const QUIET_MS = 2_000;
/** If messages that were expected are not back by then, someone else has taken them. */
const BACK_MS = 500;
const LOOK_AGAIN_MS = 50;

/**
 * The limit for one subscription. Unacknowledged messages use it up, and then a new one is opened. RabbitMQ's quorum queues treat
 * no limit as 2,000 (tried with 3.10.8).
 */
const PREFETCH = 1_000;
const MAX_BYTES = 6 * 1024 * 1024;

export interface Walk {
  readonly queue: string;
  readonly atOnce: number;
  /**
   * At least this many messages were there a moment ago: those that someone has looked at take some milliseconds to come back.
   */
  readonly expected?: number;
  readonly signal: AbortSignal;
}

/** Takes what a queue held when this began, once, in order. Whatever is not acknowledged goes back to its place. */
export class QueueWalk {
  readonly #poller: Poller;
  readonly #walk: Walk;
  /** The number of messages in the queue when this began. */
  readonly total: number;
  /** Whether others took from it then. */
  readonly shared: boolean;
  #left: number;
  #unacknowledged = 0;
  #capacity = PREFETCH;

  private constructor(poller: Poller, walk: Walk, total: number, shared: boolean) {
    this.#poller = poller;
    this.#walk = walk;
    this.total = total;
    this.shared = shared;
    this.#left = total;
  }

  /** @throws Error with the code 404 if there is no such queue */
  static async open(connection: Connection, walk: Walk): Promise<QueueWalk> {
    const look = () => onOwnChannel(connection, (channel) => channel.checkQueue(walk.queue));
    const { expected = 0, signal } = walk;
    const startedAt = performance.now();
    let { messageCount, consumerCount } = await look();
    while (messageCount < expected && performance.now() < startedAt + BACK_MS && !signal.aborted) {
      await pause(LOOK_AGAIN_MS, signal);
      ({ messageCount, consumerCount } = await look());
    }
    const poller = await Poller.open(connection, walk.queue, { prefetch: PREFETCH });
    return new QueueWalk(poller, walk, messageCount, consumerCount > 0);
  }

  /** Empty at the end, and once the signal has aborted. @throws ChannelGoneError */
  async next(): Promise<ConsumeMessage[]> {
    const { atOnce, signal } = this.#walk;
    if (this.#left === 0) return [];
    if (this.#unacknowledged === this.#capacity) {
      await this.#poller.subscribe();
      this.#capacity += PREFETCH;
    }
    if (await this.#poller.quiet(QUIET_MS, signal)) return [];
    const messages = await this.#poller.take(
      { maxMessages: Math.min(atOnce, this.#left), maxBytes: MAX_BYTES },
      signal,
    );
    this.#left -= messages.length;
    this.#unacknowledged += messages.length;
    return messages;
  }

  /** Removes messages of the last `next` from the queue. @throws ChannelGoneError */
  acknowledge(messages: readonly ConsumeMessage[]): void {
    this.#unacknowledged -= messages.length;
    this.#poller.acknowledge(messages);
  }

  async close(): Promise<void> {
    await this.#poller.close();
  }
}
