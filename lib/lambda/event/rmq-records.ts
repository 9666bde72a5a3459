import {
  itemIdentifier as identifierOf,
  type RmqBasicProperties,
  type RmqEvent,
  type RmqHeaderValue,
  type RmqLongString,
  type RmqMessage,
} from './rmq-event.js';
import { parseTimestamp } from './timestamp-text.js';

/** A header as its sender meant it: texts are texts again. */
export type HeaderValue = string | number | boolean | null | HeaderValue[] | { [key: string]: HeaderValue };

/** Where records come from: a key of `rmqMessagesByQueue`, and the names in it. */
interface RecordSource {
  readonly key: string;
  readonly queue: string;
  readonly virtualHost: string;
}

/** One message of an `aws:rmq` event, decoded, for handlers to work with. Each part is decoded when it is read. */
export class RmqRecord {
  readonly #source: RecordSource;
  readonly #message: RmqMessage;
  readonly #index: number;

  constructor(source: RecordSource, message: RmqMessage, index: number) {
    this.#source = source;
    this.#message = message;
    this.#index = index;
  }

  /** Identifies the message in `batchItemFailures` if it has failed: `orders::/#0` is the first message of queue `orders`. */
  get itemIdentifier(): string {
    return identifierOf(this.#source.key, this.#index);
  }

  get queue(): string {
    return this.#source.queue;
  }

  get virtualHost(): string {
    return this.#source.virtualHost;
  }

  get messageId(): string | undefined {
    return this.#message.basicProperties.messageId ?? undefined;
  }

  /** Do not rely on it being false: AWS sends true for messages that were delivered once. */
  get redelivered(): boolean {
    return this.#message.redelivered;
  }

  /** As they are in the event. */
  get properties(): RmqBasicProperties {
    return this.#message.basicProperties;
  }

  /** To the second, as in AMQP. */
  get timestamp(): Date | undefined {
    const seconds = parseTimestamp(this.#message.basicProperties.timestamp);
    return seconds === undefined ? undefined : new Date(seconds * 1000);
  }

  get headers(): { readonly [key: string]: HeaderValue } {
    const { headers } = this.#message.basicProperties;
    return headers === null ? {} : decodeTable(headers);
  }

  /** One header, if it exists and is a text. Cheaper than reading all of them. */
  textHeader(name: string): string | undefined {
    const { headers } = this.#message.basicProperties;
    const value = headers !== null && Object.hasOwn(headers, name) ? decodeHeader(headers[name] ?? null) : undefined;
    return typeof value === 'string' ? value : undefined;
  }

  get body(): Buffer {
    return Buffer.from(this.#message.data, 'base64');
  }

  /** The body as UTF-8. */
  get text(): string {
    return this.body.toString('utf8');
  }

  /** @throws SyntaxError if the body is not JSON */
  get json(): unknown {
    return JSON.parse(this.text);
  }
}

/**
 * Decodes every message of an event, queue by queue, in order.
 * @example
 * import { decodeRmqEvent, type RmqEvent } from 'smart-shopping/rmq-event';
 * export const handler = async (event: RmqEvent): Promise<void> => {
 *   for (const { messageId, json } of decodeRmqEvent(event)) console.log(messageId, json);
 * };
 * @throws TypeError if it is not an `aws:rmq` event
 */
export function decodeRmqEvent(event: RmqEvent): RmqRecord[] {
  if (event?.eventSource !== 'aws:rmq' || typeof event.rmqMessagesByQueue !== 'object') {
    throw new TypeError('not an aws:rmq event');
  }
  return Object.entries(event.rmqMessagesByQueue).flatMap(([key, messages]) => {
    const source = parseKey(key);
    return messages.map((message, index) => new RmqRecord(source, message, index));
  });
}

/** Either name may contain "::"; AWS gives no way to tell them apart, and a queue with it is rarer. */
function parseKey(key: string): RecordSource {
  const end = key.indexOf('::');
  return { key, queue: key.slice(0, end), virtualHost: key.slice(end + 2) };
}

type Table = { readonly [key: string]: RmqHeaderValue };

/** `fromEntries` defines a key named `__proto__` as data; an assignment would set the prototype. */
function decodeTable(table: Table): { [key: string]: HeaderValue } {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, decodeHeader(value)]));
}

function decodeHeader(value: RmqHeaderValue): HeaderValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decodeHeader);
  return isLongString(value) ? Buffer.from(value.bytes).toString('utf8') : decodeTable(value as Table);
}

/** Numbers under the single key `bytes`. A sender's own table of that form cannot be told apart from it. */
function isLongString(value: object): value is RmqLongString {
  const { bytes } = value as { readonly bytes?: unknown };
  return Array.isArray(bytes) && Object.keys(value).length === 1 && bytes.every((byte) => typeof byte === 'number');
}
