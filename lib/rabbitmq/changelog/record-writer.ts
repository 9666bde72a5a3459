import type { EncodedMessage } from '../publishing/encoded-message.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { type ChangelogRecord, encodeRecord } from './changelog-record.js';
import type { LogSize } from './retention.js';
import { type Place, SIGNATURE, type SigningKeys } from './signature.js';

/** Writes the records of one session to its stream. */
export class RecordWriter<Value> {
  readonly #publishing: PublishContext;
  readonly #stream: string;
  readonly #size: LogSize;
  readonly #keys: SigningKeys | undefined;
  #nonce: string | undefined;
  #made = 0;
  #sealed = 0;
  /** For the opening, and then for what follows it. */
  #place: Omit<Place, 'number'> = { opening: -1, after: -1 };

  constructor(publishing: PublishContext, stream: string, size: LogSize, keys: SigningKeys | undefined) {
    this.#publishing = publishing;
    this.#stream = stream;
    this.#size = size;
    this.#keys = keys;
  }

  /** Writes the opening, when `seen` is the offset of the newest entry, or -1. */
  async open(nonce: string, seen: number): Promise<void> {
    this.#place = { opening: seen, after: -1 };
    await this.publish({ kind: 'opening', nonce });
  }

  /** The opening was read back. */
  begin(nonce: string, place: Omit<Place, 'number'>): void {
    this.#nonce = nonce;
    this.#place = place;
  }

  /** The name of this session in the stream. @throws Error before the opening was read back */
  get nonce(): string {
    if (this.#nonce === undefined) throw new Error('a record before the opening');
    return this.#nonce;
  }

  /** Returns it as it was written. */
  async publish(record: ChangelogRecord<Value>): Promise<EncodedMessage> {
    const message = this.seal(this.message(record));
    await publishUntilConfirmed(this.#publishing, [message]);
    this.#size.add(message.content.length);
    return message;
  }

  message(record: ChangelogRecord<Value>): EncodedMessage {
    return {
      exchange: this.#stream,
      routingKey: '',
      content: encodeRecord(record),
      messageId: `${record.nonce}.${this.#made++}`,
      mustRoute: true,
      properties: { persistent: true, contentType: 'application/json', type: record.kind },
    };
  }

  /** Signs a message that is about to be published, as the next one. */
  seal(message: EncodedMessage): EncodedMessage {
    const number = this.#sealed++;
    if (this.#keys === undefined) return message;
    const signature = this.#keys.sign(message.content, { ...this.#place, number });
    return { ...message, properties: { ...message.properties, headers: { [SIGNATURE]: signature } } };
  }
}
