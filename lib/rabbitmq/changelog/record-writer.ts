import type { EncodedMessage } from '../publishing/encoded-message.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { type ChangelogRecord, encodeRecord } from './changelog-record.js';
import type { LogSize } from './retention.js';

/** Writes the records of one session to its stream. */
export class RecordWriter<Value> {
  readonly #publishing: PublishContext;
  readonly #stream: string;
  readonly #size: LogSize;
  #nonce: string | undefined;
  #written = 0;

  constructor(publishing: PublishContext, stream: string, size: LogSize) {
    this.#publishing = publishing;
    this.#stream = stream;
    this.#size = size;
  }

  /** What this session calls itself in the stream. @throws Error before the opening was read back */
  get nonce(): string {
    if (this.#nonce === undefined) throw new Error('a record before the opening');
    return this.#nonce;
  }

  set nonce(nonce: string) {
    this.#nonce = nonce;
  }

  /** Gives it as it was written. */
  async publish(record: ChangelogRecord<Value>): Promise<EncodedMessage> {
    const message = this.message(record);
    await publishUntilConfirmed(this.#publishing, [message]);
    this.#size.add(message.content.length);
    return message;
  }

  message(record: ChangelogRecord<Value>): EncodedMessage {
    return {
      exchange: this.#stream,
      routingKey: '',
      content: encodeRecord(record),
      messageId: `${record.nonce}.${this.#written++}`,
      mustRoute: true,
      properties: { persistent: true, contentType: 'application/json', type: record.kind },
    };
  }
}
