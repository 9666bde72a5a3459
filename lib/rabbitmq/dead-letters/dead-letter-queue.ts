import type { ConsumeMessage } from 'amqplib';
import { onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { Poller } from '../polling/poller.js';

/** Somebody else has taken the rest, if nothing comes for so long. */
const QUIET_MS = 2_000;

const MAX_BYTES = 6 * 1024 * 1024;

export interface Walk {
  readonly queue: string;
  readonly maxMessages: number;
  /** Most messages that are here and not acknowledged, by how many the queue holds; 0 means any number. */
  readonly prefetch: (total: number) => number;
  readonly signal: AbortSignal;
}

/** Takes what a queue held when this began, once. What is not acknowledged goes back to its place. */
export class QueueWalk {
  readonly #poller: Poller;
  readonly #walk: Walk;
  /** Messages in the queue when this began. */
  readonly total: number;
  #left: number;
  #unacknowledged = false;

  private constructor(poller: Poller, walk: Walk, total: number) {
    this.#poller = poller;
    this.#walk = walk;
    this.total = total;
    this.#left = total;
  }

  /** @throws Error with the code 404 if there is no such queue. */
  static async open(connection: Connection, walk: Walk): Promise<QueueWalk> {
    const { messageCount } = await onOwnChannel(connection, (channel) => channel.checkQueue(walk.queue));
    return new QueueWalk(await Poller.open(connection, walk.queue, walk.prefetch(messageCount)), walk, messageCount);
  }

  /** Empty at the end of the queue, when all that prefetch allows is here, and once the signal has aborted. @throws ChannelGoneError */
  async next(): Promise<ConsumeMessage[]> {
    const { maxMessages, signal } = this.#walk;
    if (this.#left === 0 || (await this.#poller.quiet(QUIET_MS, signal))) return [];
    const messages = await this.#poller.take(Math.min(maxMessages, this.#left), MAX_BYTES, signal);
    this.#left -= messages.length;
    return messages;
  }

  /** Takes messages of the last `next` out of the queue; the others of it stay. @throws ChannelGoneError */
  acknowledge(messages: readonly ConsumeMessage[], others: number): void {
    this.#unacknowledged ||= others > 0;
    this.#poller.acknowledge(messages, !this.#unacknowledged);
  }

  async close(): Promise<void> {
    await this.#poller.close();
  }
}
