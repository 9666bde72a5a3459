import type { ConfirmChannel, Options } from 'amqplib';
import { type OpenChannel, openConfirmChannel } from './channel.js';
import type { Connection } from './connection.js';

/** A message checked and encoded: nothing about it can make the broker close the channel, but a missing exchange. */
export interface EncodedMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly messageId: string;
  /** Published `mandatory`: the broker returns it if no queue takes it. */
  readonly mustRoute: boolean;
  readonly properties: Options.Publish;
}

/** Why a message is not known to be safe with the broker. */
export type PublishFailure = 'nacked' | 'returned' | 'timed out' | 'channel gone';

export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly failure: PublishFailure;
  readonly sent: EncodedMessage;

  constructor(failure: PublishFailure, sent: EncodedMessage, detail = '', options?: ErrorOptions) {
    super(
      `message ${sent.messageId} to ${JSON.stringify(sent.exchange)}: ${failure}${detail && ` (${detail})`}`,
      options,
    );
    this.failure = failure;
    this.sent = sent;
  }
}

/** Publishes on one confirm channel, in order. */
export class Publisher {
  readonly #own: OpenChannel<ConfirmChannel>;
  readonly #connection: Connection;
  readonly #confirmTimeoutMs: number;
  /** Returned and not yet confirmed, counted per message and address: the same message may be under way twice. */
  readonly #returned = new Map<string, string[]>();
  /** Set while the write buffer is full. */
  #full: { readonly over: Promise<void>; readonly end: () => void } | undefined;

  private constructor(own: OpenChannel<ConfirmChannel>, connection: Connection, confirmTimeoutMs: number) {
    this.#own = own;
    this.#connection = connection;
    this.#confirmTimeoutMs = confirmTimeoutMs;
    own.channel.on('return', ({ fields, properties }) => {
      const { exchange, routingKey, replyText } = fields as typeof fields & { replyText: string };
      const key = address(exchange, routingKey, properties.messageId);
      this.#returned.set(key, [...(this.#returned.get(key) ?? []), replyText]);
    });
    own.channel.on('drain', () => this.#full?.end());
    own.onGone(() => this.#full?.end());
  }

  static async open(connection: Connection, confirmTimeoutMs: number): Promise<Publisher> {
    return new Publisher(await openConfirmChannel(connection), connection, confirmTimeoutMs);
  }

  /**
   * Resolves when the broker has confirmed the message, and routed it if it must be.
   * @throws PublishError
   */
  async publish(message: EncodedMessage): Promise<void> {
    const [failure] = await this.publishAll([message]);
    if (failure !== undefined) throw failure;
  }

  /**
   * Publishes in order, all at once, and waits for every confirm.
   * `onConfirm` is told of each confirm as it comes. Never throws: what failed is the result.
   */
  async publishAll(messages: readonly EncodedMessage[], onConfirm?: () => void): Promise<PublishError[]> {
    const outcomes: Promise<PublishError | undefined>[] = [];
    await this.#connection.unblocked();
    for (const message of messages) {
      outcomes.push(this.#send(message, onConfirm));
      // `publish` drops nothing when it says "full"; whoever does not wait fills the memory instead.
      if (this.#full !== undefined) await this.#full.over;
    }
    return (await Promise.all(outcomes)).filter((outcome) => outcome !== undefined);
  }

  onGone(listener: (error: Error) => void): void {
    this.#own.onGone(listener);
  }

  close(): Promise<void> {
    return this.#own.close();
  }

  #send(message: EncodedMessage, onConfirm: (() => void) | undefined): Promise<PublishError | undefined> {
    const { channel } = this.#own;
    const { exchange, routingKey, content, properties, messageId, mustRoute } = message;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(new PublishError('timed out', message)), this.#confirmTimeoutMs);
      const settle = (error: unknown): void => {
        clearTimeout(timer);
        // The return of an unroutable message comes before its confirm.
        const returned = mustRoute ? this.#takeReturned(address(exchange, routingKey, messageId)) : undefined;
        const gone = this.#own.gone();
        if (returned !== undefined) resolve(new PublishError('returned', message, returned));
        else if (error === null) resolve(undefined);
        else if (isNack(error)) resolve(new PublishError('nacked', message));
        else
          resolve(new PublishError('channel gone', message, gone?.message ?? String(error), { cause: gone ?? error }));
        if (error === null) onConfirm?.();
      };
      try {
        const options = { ...properties, messageId, mandatory: mustRoute };
        if (!channel.publish(exchange, routingKey, content, options, settle)) this.#markFull();
      } catch (error) {
        settle(error);
      }
    });
  }

  #takeReturned(key: string): string | undefined {
    const [first, ...rest] = this.#returned.get(key) ?? [];
    if (rest.length > 0) this.#returned.set(key, rest);
    else this.#returned.delete(key);
    return first;
  }

  #markFull(): void {
    if (this.#full !== undefined) return;
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = () => {
        this.#full = undefined;
        resolve();
      };
    });
    this.#full = { over, end };
  }
}

function address(exchange: string, routingKey: string, messageId: unknown): string {
  return JSON.stringify([exchange, routingKey, messageId]);
}

/** amqplib has only its wording to tell a negative confirm from a channel that closed. */
function isNack(error: unknown): boolean {
  return error instanceof Error && error.message === 'message nacked';
}
