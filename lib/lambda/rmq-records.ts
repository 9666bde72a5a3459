import { itemIdentifier, type RmqEvent, type RmqHeaderValue, type RmqMessage } from './rmq-event.js';

/** One message of an `aws:rmq` event, decoded: what a handler works with. */
export interface RmqRecord {
  /** For `batchItemFailures`. */
  readonly identifier: string;
  readonly queue: string;
  readonly messageId: string | undefined;
  /** Build nothing on it being false: AWS sends true for messages delivered once. */
  readonly redelivered: boolean;
  /** Every header as text; tables and lists as JSON. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Decodes every message of an event, queue by queue, in order.
 * @throws TypeError if it is not an `aws:rmq` event.
 */
export function decodeRmqEvent(event: RmqEvent): RmqRecord[] {
  if (event?.eventSource !== 'aws:rmq' || typeof event.rmqMessagesByQueue !== 'object') {
    throw new TypeError('not an aws:rmq event');
  }
  return Object.entries(event.rmqMessagesByQueue).flatMap(([key, messages]) =>
    messages.map((message, index) => decodeMessage(key, message, index)),
  );
}

function decodeMessage(key: string, { basicProperties, redelivered, data }: RmqMessage, index: number): RmqRecord {
  return {
    identifier: itemIdentifier(key, index),
    // A vhost may hold "::" and so may a queue; AWS gives no way to tell, and a queue with it is the rarer one.
    queue: key.slice(0, key.indexOf('::')),
    messageId: basicProperties.messageId ?? undefined,
    redelivered,
    headers: decodeHeaders(basicProperties.headers),
    body: Buffer.from(data, 'base64'),
  };
}

function decodeHeaders(headers: Record<string, RmqHeaderValue> | null): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, headerText(value)]));
}

function headerText(value: RmqHeaderValue): string {
  if (typeof value === 'string') return value;
  if (isLongString(value)) return Buffer.from(value.bytes).toString('utf8');
  return JSON.stringify(value);
}

function isLongString(value: RmqHeaderValue): value is { bytes: number[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { bytes } = value;
  return Array.isArray(bytes) && Object.keys(value).length === 1 && bytes.every((byte) => typeof byte === 'number');
}
