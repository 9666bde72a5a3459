import type { OutgoingMessage } from '../../lambda/event/batch-result.js';
import type { EncodedMessage, EncodedProperties } from './encoded-message.js';

/** A handler returned an outgoing message that RabbitMQ could not carry. */
export class UnsendableMessageError extends Error {
  override readonly name = 'UnsendableMessageError';
}

/** The limit of AMQP's short strings: exchange, routing key, message id, type, header names. */
const MAX_SHORT_STRING_BYTES = 255;
/** A UTF-16 unit becomes at most three bytes of UTF-8. */
const SURELY_SHORT = MAX_SHORT_STRING_BYTES / 3;
/** Headers go in one frame, of 128 KiB, and through a buffer of 64 KiB in amqplib; half of that is plenty. */
const MAX_HEADERS_BYTES = 32 * 1024;
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** What every message of one runner contains besides what its handler sets. */
export interface OutgoingDefaults {
  readonly appId: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** Headers that the handler sets itself take precedence. */
  readonly headers?: OutgoingMessage['headers'];
}

/**
 * Checks and encodes messages, so that publishing them cannot close the channel (except for a missing exchange). Messages of one
 * type share one properties object.
 * @throws UnsendableMessageError
 */
export function encodeOutgoing(
  messages: readonly OutgoingMessage[],
  { appId, timestamp, headers: common }: OutgoingDefaults,
): EncodedMessage[] {
  const shared = new Map<string, EncodedProperties>();
  const propertiesOf = (type: string): EncodedProperties => {
    const known = shared.get(type);
    if (known !== undefined) return known;
    const properties = {
      persistent: true,
      contentType: 'application/json',
      type,
      appId,
      timestamp,
      ...(common !== undefined && { headers: common }),
    };
    shared.set(type, properties);
    return properties;
  };
  // The same body may go to several receivers.
  let encoded: { readonly body: unknown; readonly content: Buffer } | undefined;
  const contentOf = (body: unknown): Buffer => {
    if (encoded === undefined || body !== encoded.body) encoded = { body, content: encodeBody(body) };
    return encoded.content;
  };
  return messages.map(({ exchange, routingKey, messageId, type, mustRoute, headers, body }) => {
    shortString('exchange', exchange);
    shortString('routingKey', routingKey);
    shortString('messageId', messageId);
    shortString('type', type);
    if (messageId === '') throw new UnsendableMessageError('an outgoing message has no messageId');
    if (headers !== undefined) checkHeaders(headers);
    const properties = propertiesOf(type);
    return {
      exchange,
      routingKey,
      messageId,
      mustRoute,
      content: contentOf(body),
      properties: headers === undefined ? properties : { ...properties, headers: { ...common, ...headers } },
    };
  });
}

function shortString(name: string, value: string): void {
  if (value.length <= SURELY_SHORT) return;
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_SHORT_STRING_BYTES) {
    throw new UnsendableMessageError(`${name} has ${bytes} bytes, more than ${MAX_SHORT_STRING_BYTES}`);
  }
}

function checkHeaders(headers: Readonly<Record<string, unknown>>): void {
  let total = 0;
  for (const [name, value] of Object.entries(headers)) {
    shortString('a header name', name);
    total += Buffer.byteLength(name) + headerBytes(name, value);
  }
  if (total > MAX_HEADERS_BYTES) {
    throw new UnsendableMessageError(`headers have ${total} bytes, more than ${MAX_HEADERS_BYTES}`);
  }
}

function headerBytes(name: string, value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'boolean' || Number.isFinite(value)) return 8;
  throw new UnsendableMessageError(`header ${name} must be a string, a finite number or a boolean`);
}

function encodeBody(body: unknown): Buffer {
  const json = stringify(body);
  if (json === undefined) throw new UnsendableMessageError('a body must be a JSON value');
  const content = Buffer.from(json);
  if (content.length > MAX_BODY_BYTES) {
    throw new UnsendableMessageError(`a body has ${content.length} bytes, more than ${MAX_BODY_BYTES}`);
  }
  return content;
}

/** `JSON.stringify` throws for cycles, bigints and, if its own stack overflows, for depth. */
function stringify(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new UnsendableMessageError('a body must be a JSON value', { cause });
  }
}
