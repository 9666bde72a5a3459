import type { Channel, ConsumeMessage } from 'amqplib';
import { answered, ChannelGoneError, type OpenChannel, openChannel, SickNodeError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { subscriptionError } from '../connection/refused.js';
import { Arrivals } from './arrivals.js';
import type { BatchLimits } from './batch-limits.js';
import { Settlements } from './settlements.js';
import type { Subscription } from './subscription.js';

/**
 * Collects what a queue delivers until it is taken. Batches form naturally: a taker gets everything that has arrived, and while
 * it works more arrives.
 */
export class Poller {
  readonly #own: OpenChannel<Channel>;
  readonly #queue: string;
  readonly #connection: Connection;
  readonly #subscription: Subscription;
  readonly #consumerTags: string[] = [];
  readonly #arrivals: Arrivals;
  readonly #settlements = new Settlements((act) => this.#tell(act));
  /** For messages that expire. */
  readonly #arrivedAt = new WeakMap<ConsumeMessage, number>();

  private constructor(own: OpenChannel<Channel>, connection: Connection, queue: string, subscription: Subscription) {
    this.#own = own;
    this.#connection = connection;
    this.#queue = queue;
    this.#subscription = subscription;
    this.#arrivals = new Arrivals(subscription.prefetch);
    own.onGone((error) => this.#arrivals.end(error));
  }

  /** @throws RefusedError if the queue is missing, or may not be consumed */
  static async open(connection: Connection, queue: string, subscription: Subscription): Promise<Poller> {
    const own = await openChannel(connection);
    const poller = new Poller(own, connection, queue, subscription);
    await answered(connection, own.channel.prefetch(subscription.prefetch));
    await poller.subscribe();
    return poller;
  }

  /** Subscribes again: the same number of messages again may then be held here unacknowledged. */
  async subscribe(): Promise<void> {
    const receive = (delivery: ConsumeMessage | null): void => this.#receive(delivery);
    const options = { arguments: this.#subscription.arguments };
    const consuming = answered(this.#connection, this.#own.channel.consume(this.#queue, receive, options));
    const { consumerTag } = await consuming.catch((cause: unknown) => {
      if (cause instanceof SickNodeError) throw cause;
      throw subscriptionError(
        { queue: this.#queue, vhost: this.#connection.vhost, advice: this.#subscription.missingAdvice },
        cause,
      );
    });
    this.#consumerTags.push(consumerTag);
  }

  /**
   * Waits for the first message, then takes what is there, within the limits. Empty once the signal has aborted.
   * @throws ChannelGoneError
   */
  take(limits: BatchLimits, signal: AbortSignal): Promise<ConsumeMessage[]> {
    return this.#arrivals.take(limits, signal);
  }

  /** What has arrived and was not taken, in order. */
  get waiting(): readonly ConsumeMessage[] {
    return this.#arrivals.waiting;
  }

  /** When a message's own time to live ends, counted from its arrival, on the clock of `performance.now()`. */
  expiresAt(delivery: ConsumeMessage): number {
    const arrivedAt = this.#arrivedAt.get(delivery);
    return arrivedAt === undefined ? Number.POSITIVE_INFINITY : arrivedAt + Number(delivery.properties.expiration);
  }

  /** @throws Error once the signal has aborted, or the poller has ended */
  mustGoOn(signal: AbortSignal): void {
    const { ended } = this.#arrivals;
    if (ended !== undefined) throw ended;
    signal.throwIfAborted();
  }

  /** Waits at most `ms`. False as soon as there is a message, or the poller has ended. */
  quiet(ms: number, signal: AbortSignal): Promise<boolean> {
    return this.#arrivals.quiet(ms, signal);
  }

  /**
   * Checks that the broker still delivers to us; if not, the poller ends. A quorum queue that is deleted while it cannot answer
   * for five seconds is deleted by force, and RabbitMQ then does not cancel its consumers (tried with 3.10.8): without this check
   * a consumer would wait forever, even if the queue has been declared again.
   */
  checkSubscription(): void {
    answered(this.#connection, this.#own.channel.checkQueue(this.#queue)).then(
      ({ consumerCount }) => {
        if (consumerCount === 0) this.#arrivals.end(new ChannelGoneError(`the broker has forgotten the consumer`));
      },
      // A queue that does not exist closes the channel, which is noticed anyway.
      (error: unknown) => {
        if (error instanceof SickNodeError) this.#arrivals.end(error);
      },
    );
  }

  /**
   * Resolves when everything has arrived that the broker has sent so far: its answer comes after that. @throws ChannelGoneError
   */
  async caughtUp(): Promise<void> {
    const asking = answered(this.#connection, this.#own.channel.checkQueue(this.#queue));
    await asking.catch((cause: unknown) => {
      throw new ChannelGoneError('the channel closed before the end of the stream', { cause });
    });
  }

  /** Acknowledges deliveries, given in order of arrival. @throws ChannelGoneError */
  acknowledge(deliveries: readonly ConsumeMessage[]): void {
    this.#settlements.acknowledge(deliveries);
  }

  /** Acknowledges a delivery and all before it. @throws ChannelGoneError */
  acknowledgeUpTo(delivery: ConsumeMessage): void {
    this.#settlements.acknowledgeUpTo(delivery);
  }

  /** Makes the broker dead-letter a message. @throws ChannelGoneError */
  reject(delivery: ConsumeMessage): void {
    this.#settlements.reject(delivery);
  }

  /**
   * From now on this takes no more messages: settlements are sent to the broker only by `close`, after the subscription has
   * ended. Otherwise each acknowledgement would fetch one more message, only to hand it back as redelivered.
   */
  holdSettlements(): void {
    this.#settlements.hold();
  }

  /** Returns unsettled messages to their places in the queue. @throws ChannelGoneError if settlements were held */
  async close(): Promise<void> {
    if (this.#settlements.areHeld) {
      await this.#cancel();
      this.#settlements.tell();
    }
    await this.#own.close();
  }

  #receive(delivery: ConsumeMessage | null): void {
    // The broker cancels a consumer with a null delivery, for example when its queue is deleted.
    if (delivery === null) {
      this.#arrivals.end(new ChannelGoneError('the broker cancelled the consumer'));
      return;
    }
    this.#settlements.arrived(delivery);
    if (this.#subscription.accepts?.(delivery) === false) this.#dismiss(delivery);
    else {
      if (delivery.properties.expiration !== undefined) this.#arrivedAt.set(delivery, performance.now());
      this.#arrivals.add(delivery);
    }
  }

  /** If the channel is already gone, the message comes again and is refused again. */
  #dismiss(delivery: ConsumeMessage): void {
    try {
      this.acknowledge([delivery]);
    } catch (error) {
      this.#arrivals.end(error as ChannelGoneError);
    }
  }

  /** amqplib throws synchronously on a closed channel. */
  #tell(act: (channel: Channel) => void): void {
    const { ended } = this.#arrivals;
    if (ended !== undefined) throw ended;
    try {
      act(this.#own.channel);
    } catch (cause) {
      throw new ChannelGoneError('the channel closed before the acknowledgement', { cause });
    }
  }

  async #cancel(): Promise<void> {
    try {
      for (const consumerTag of this.#consumerTags) await this.#own.channel.cancel(consumerTag);
    } catch (cause) {
      throw new ChannelGoneError('the channel closed before its subscription', { cause });
    }
  }
}
