import type { ConsumeMessage } from 'amqplib';
import { within } from '../../waiting/deadline.js';
import { ChannelGoneError, SickNodeError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { readStream } from '../consuming/read-stream.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';

/** The type of a record, as in its `type` property. */
const OPENING = 'opening';

export interface Following {
  readonly nonce: string;
  /** The offset after the opening of this session. */
  readonly from: number;
  /** How long a record may take to come back, in milliseconds. */
  readonly patienceMs: number;
  /** Whether an entry is one of ours; called for each, in order. */
  readonly isOurs: (entry: ConsumeMessage) => boolean;
}

/**
 * Whether this session still owns its changelog. It reads what is written to the stream after its opening, so it sees its own
 * records in the one order that all readers see. A record that comes back before anyone else's opening counts, and so does
 * everything decided with it. A single active consumer does not guarantee this: a cluster node that was frozen or cut off comes
 * back with a consumer that was replaced in the meantime, and may make it active again with an outdated memory (tried with
 * 3.10.8).
 */
export class Ownership {
  readonly #stream: string;
  readonly #nonce: string;
  readonly #patienceMs: number;
  readonly #isOurs: Following['isOurs'];
  /** The number of our records that have come back. */
  #seen = -1;
  #over: Error | undefined;
  #wake = (): void => undefined;

  constructor(connection: Connection, stream: string, { nonce, from, patienceMs, isOurs }: Following) {
    this.#stream = stream;
    this.#nonce = nonce;
    this.#patienceMs = patienceMs;
    this.#isOurs = isOurs;
    void this.#read(connection, from).catch((error: Error) => this.#end(error));
  }

  /**
   * Resolves when a record of ours has come back.
   * @throws ChannelGoneError if someone else's opening came before it, or it does not come back in time
   */
  async prove({ messageId = '' }: EncodedMessage): Promise<void> {
    const number = this.#numberOf(messageId);
    // It is often back before the confirms are.
    if (this.#seen >= number) return;
    const comesBack = async (): Promise<void> => {
      while (this.#seen < number) {
        if (this.#over !== undefined) throw this.#over;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    };
    await within(this.#patienceMs, comesBack()).catch((error: Error) => {
      throw error instanceof ChannelGoneError
        ? error
        : new SickNodeError(`${this.#stream}: a record did not come back`);
    });
  }

  async #read(connection: Connection, from: number): Promise<void> {
    for await (const entries of readStream(connection, this.#stream, { from })) {
      for (const entry of entries) {
        if (this.#over === undefined) this.#take(entry);
      }
      this.#wake();
    }
  }

  #take(entry: ConsumeMessage): void {
    if (!this.#isOurs(entry)) return;
    const { properties } = entry;
    const number = this.#numberOf(String(properties.messageId));
    if (number >= 0) this.#seen = Math.max(this.#seen, number);
    else if (properties.type === OPENING)
      this.#end(new ChannelGoneError(`${this.#stream}: another runner has taken over`));
  }

  /** Also when the connection closes, which ends the reading. */
  #end(error: Error): void {
    this.#over ??= error;
    this.#wake();
  }

  /** The number of a record of ours, from 0; -1 if it is not ours. */
  #numberOf(messageId: string): number {
    const prefix = `${this.#nonce}.`;
    return messageId.startsWith(prefix) ? Number(messageId.slice(prefix.length)) : -1;
  }
}
