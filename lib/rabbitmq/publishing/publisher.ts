import type { ConfirmChannel } from 'amqplib';
import { type OpenChannel, openConfirmChannel, SickNodeError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { Confirms } from './confirms.js';
import type { EncodedMessage } from './encoded-message.js';
import { GatheredPublishing } from './gathered-publishing.js';
import { PublishError } from './publish-error.js';
import { hearOfUser, vouchedUser } from './vouching.js';

/** Publishes on one confirm channel at a time, in order. */
export class Publisher {
  #own: OpenChannel<ConfirmChannel>;
  #gathered: GatheredPublishing;
  readonly #connection: Connection;
  readonly #confirmTimeoutMs: number;
  /** Returned but not yet confirmed, counted per message and address: the same message may be in flight twice. */
  readonly #returned = new Map<string, string[]>();
  /** Whether the broker left something without an answer, and has answered since. */
  #silence: 'none' | 'once' | 'over' = 'none';
  /** Set while the write buffer is full. */
  #full: Gate | undefined;

  private constructor(own: OpenChannel<ConfirmChannel>, connection: Connection, confirmTimeoutMs: number) {
    this.#own = own;
    this.#gathered = new GatheredPublishing(own.channel);
    this.#connection = connection;
    this.#confirmTimeoutMs = confirmTimeoutMs;
    this.#listenTo(own);
  }

  #listenTo(own: OpenChannel<ConfirmChannel>): void {
    own.channel.on('return', ({ fields, properties }) => {
      const { exchange, routingKey, replyText } = fields as typeof fields & { replyText: string };
      const key = address(exchange, routingKey, properties.messageId);
      this.#returned.set(key, [...(this.#returned.get(key) ?? []), replyText]);
    });
    own.channel.on('drain', () => this.#drained());
    own.onGone((error) => {
      hearOfUser(this.#connection, error);
      this.#drained();
    });
  }

  #drained(): void {
    this.#gathered.drained();
    this.#full?.end();
    this.#full = undefined;
  }

  static async open(connection: Connection, confirmTimeoutMs: number): Promise<Publisher> {
    return new Publisher(await openConfirmChannel(connection), connection, confirmTimeoutMs);
  }

  /**
   * Resolves when the broker has confirmed the message, and routed it if it must be routed.
   * @throws PublishError
   */
  async publish(message: EncodedMessage): Promise<void> {
    const [failure] = await this.publishAll([message]);
    if (failure !== undefined) throw failure;
  }

  /**
   * Publishes in order, all at once, and waits for every confirm. `onConfirm` is called for each confirm as it arrives. Never
   * throws: failures are part of the result.
   */
  async publishAll(messages: readonly EncodedMessage[], onConfirm?: () => void): Promise<PublishError[]> {
    await this.#connection.unblocked();
    const confirms = new Confirms(messages, onConfirm);
    const userId = vouchedUser(this.#connection);
    for (let index = 0; index < messages.length; index++) {
      const message = messages[index] as EncodedMessage;
      this.#send(message, userId, (error) => {
        confirms.settle(index, this.#failureOf(message, error), error === null);
      });
      if (!this.#gathered.hasRoom) await this.#room();
    }
    await this.#room();
    const failures = await confirms.failures(this.#confirmTimeoutMs);
    if (failures.length === 0 && this.#silence === 'once') this.#silence = 'over';
    return failures;
  }

  /**
   * Continues after something was neither confirmed nor refused in time, on a new channel. It does not if that has helped before
   * and there is another node: a node that was cut off from its cluster may confirm the first message to a stream on each
   * channel, and no other, until it is restarted (tried with RabbitMQ 3.10.8).
   * @throws SickNodeError; ChannelGoneError if the connection is gone
   */
  async renewAfterSilence(): Promise<void> {
    if (this.#silence === 'over' && this.#connection.hasOthers) {
      throw new SickNodeError('the broker confirms on a new channel only');
    }
    this.#silence = 'once';
    await this.renew();
  }

  /**
   * Continues on a new channel. After a queue was deleted by force and declared again, a channel that has published to the old
   * one publishes to the new one in vain: nothing arrives and nothing is confirmed. And a channel that a full quorum queue has
   * refused is refused forever, even if the queue is no longer full because its limit was removed (both tried with RabbitMQ
   * 3.10.8).
   * @throws ChannelGoneError if the connection is gone
   */
  async renew(): Promise<void> {
    await this.#connection.unblocked();
    const old = this.#own;
    this.#own = await openConfirmChannel(this.#connection);
    this.#gathered = new GatheredPublishing(this.#own.channel);
    this.#listenTo(this.#own);
    this.#returned.clear();
    await old.close();
  }

  onGone(listener: (error: Error) => void): void {
    this.#own.onGone(listener);
  }

  close(): Promise<void> {
    return this.#own.close();
  }

  #send(message: EncodedMessage, userId: string | undefined, onSettled: (error: unknown) => void): void {
    try {
      this.#gathered.publish(message, userId, onSettled);
    } catch (error) {
      onSettled(error);
    }
  }

  /** Sends what was gathered. A full buffer drops nothing, but a caller that does not wait fills the memory. */
  async #room(): Promise<void> {
    this.#gathered.flush();
    if (this.#gathered.hasRoom) return;
    this.#full ??= newGate();
    await this.#full.over;
  }

  /** @param error what amqplib passes to a confirm's callback: null if the broker has confirmed the message */
  #failureOf(message: EncodedMessage, error: unknown): PublishError | undefined {
    // The return of an unroutable message comes before its confirm.
    const returned = message.mustRoute && this.#returned.size > 0 ? this.#takeReturned(message) : undefined;
    if (returned !== undefined) return new PublishError('returned', message, returned);
    if (error === null) return undefined;
    if (isNack(error)) return new PublishError('nacked', message);
    const gone = this.#own.gone();
    return new PublishError('channel gone', message, gone?.message ?? String(error), { cause: gone ?? error });
  }

  #takeReturned({ exchange, routingKey, messageId }: EncodedMessage): string | undefined {
    const key = address(exchange, routingKey, messageId);
    const [first, ...rest] = this.#returned.get(key) ?? [];
    if (rest.length > 0) this.#returned.set(key, rest);
    else this.#returned.delete(key);
    return first;
  }
}

interface Gate {
  readonly over: Promise<void>;
  readonly end: () => void;
}

function newGate(): Gate {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end };
}

function address(exchange: string, routingKey: string, messageId: unknown): string {
  return JSON.stringify([exchange, routingKey, messageId]);
}

/** amqplib distinguishes a negative confirm from a closed channel only by the wording. */
function isNack(error: unknown): boolean {
  return error instanceof Error && error.message === 'message nacked';
}
