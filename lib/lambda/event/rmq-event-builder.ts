import type { Message } from 'amqplib';
import { wireOf } from '../../wire/kept.js';
import { headersOf } from '../../wire/properties.js';
import { queueKey, type RmqBasicProperties, type RmqEvent, type RmqHeaderValue, type RmqMessage } from './rmq-event.js';
import { formatTimestamp } from './timestamp-text.js';
import { buildWireTable, MAX_HEADER_DEPTH, signedBytes } from './wire-headers.js';

/** What the builder reads from an amqplib message. */
export interface Delivery {
  readonly content: Buffer;
  /** Properties that the sender did not set may be missing. */
  readonly properties: Partial<Message['properties']>;
  readonly fields: { readonly redelivered: boolean };
}

export interface RmqEventSource {
  readonly queue: string;
  readonly vhost: string;
  readonly eventSourceArn: string;
}

/** Builds the `aws:rmq` event of one batch, with keys in the order of captured events. */
export function buildRmqEvent(source: RmqEventSource, deliveries: readonly Delivery[]): RmqEvent {
  return {
    eventSourceArn: source.eventSourceArn,
    rmqMessagesByQueue: { [queueKey(source.queue, source.vhost)]: deliveries.map(buildMessage) },
    eventSource: 'aws:rmq',
  };
}

function buildMessage({ content, properties, fields }: Delivery): RmqMessage {
  return {
    basicProperties: buildProperties(properties, content.length),
    redelivered: fields.redelivered,
    data: content.toString('base64'),
  };
}

function buildProperties(properties: Delivery['properties'], bodySize: number): RmqBasicProperties {
  return {
    contentType: properties.contentType ?? null,
    contentEncoding: properties.contentEncoding ?? null,
    headers: properties.headers === undefined ? null : buildHeaders(properties.headers, properties),
    deliveryMode: properties.deliveryMode ?? null,
    priority: properties.priority ?? null,
    correlationId: properties.correlationId ?? null,
    replyTo: properties.replyTo ?? null,
    expiration: properties.expiration ?? null,
    messageId: properties.messageId ?? null,
    timestamp: properties.timestamp === undefined ? null : formatTimestamp(properties.timestamp),
    type: properties.type ?? null,
    userId: properties.userId ?? null,
    appId: properties.appId ?? null,
    clusterId: properties.clusterId ?? null,
    bodySize,
  };
}

/** amqplib's values, except where its decoder loses something: then they are read from the wire. */
function buildHeaders(headers: object, properties: object): Record<string, RmqHeaderValue> {
  const wire = isLossy(headers, 1) ? wireOf(properties) : undefined;
  const table = wire && headersOf(wire);
  return table === undefined ? buildTable(headers, 1) : buildWireTable(table, 1);
}

/** `fromEntries` defines a key named `__proto__` as data; an assignment would set the prototype. */
function buildTable(table: object, depth: number): Record<string, RmqHeaderValue> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, buildHeader(value, depth)]));
}

function buildHeader(value: unknown, depth: number): RmqHeaderValue {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return { bytes: signedBytes(Buffer.from(value)) };
  if (typeof value !== 'object' || value === null || depth > MAX_HEADER_DEPTH) return null;
  if (Buffer.isBuffer(value)) return signedBytes(value);
  if (Array.isArray(value)) return value.map((element) => buildHeader(element, depth + 1));
  if (isTagged(value)) return buildTagged(value);
  return buildTable(value, depth + 1);
}

/** amqplib's form for AMQP types that JavaScript lacks. */
interface Tagged {
  readonly '!': string;
  readonly value: unknown;
}

function isTagged(value: object): value is Tagged {
  return Object.hasOwn(value, '!') && Object.hasOwn(value, 'value');
}

/** Stands for bytes that are not UTF-8. */
const REPLACED = '\uFFFD';

/** Whether a value may originally have been something else: a text of other bytes, a 32-bit float, a negative decimal. */
function isLossy(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.includes(REPLACED);
  if (typeof value === 'number') return !Number.isInteger(value);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || depth > MAX_HEADER_DEPTH) return false;
  if (isTagged(value)) return value['!'] === 'decimal';
  // This runs for every message, so it does not copy the headers.
  for (const name in value) {
    if (name.includes(REPLACED) || isLossy((value as Record<string, unknown>)[name], depth + 1)) return true;
  }
  return false;
}

function buildTagged({ '!': type, value }: Tagged): RmqHeaderValue {
  if (type === 'timestamp' && typeof value === 'number') return formatTimestamp(value);
  if (type === 'decimal') {
    const { digits, places } = value as { digits: number; places: number };
    return digits / 10 ** places;
  }
  return null;
}
