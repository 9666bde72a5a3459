import { secondsOf } from './death.js';

/** A message for people to read: truncated, and all of it text. */
export interface MessagePreview {
  readonly exchange: string;
  readonly routingKey: string;
  /** The beginning of the body, as text. */
  readonly body: string;
  readonly bodyBytes: number;
  readonly properties: readonly Property[];
}

export interface Property {
  readonly name: string;
  readonly value: string;
}

/** What is read from a message; an amqplib delivery fits. */
export interface Previewable {
  readonly fields: { readonly exchange: string; readonly routingKey: string };
  readonly content: Uint8Array;
  readonly properties: {
    readonly messageId?: unknown;
    readonly appId?: unknown;
    readonly timestamp?: unknown;
    readonly headers?: object | undefined;
  };
}

const BODY_SHOWN = 2_000;
const VALUE_SHOWN = 400;
const PROPERTIES_SHOWN = 40;
/** The limit for all names and values together. */
const PROPERTY_TEXT_SHOWN = 4_000;
/** All names in AMQP are at most this long. */
const LONGEST_NAME = 255;
/** A sender may nest tables as deep as it likes; people do not read deeper than this. */
const DEPTH_SHOWN = 4;
/** What reading from a stream adds to the headers. */
const OURS = new Set(['x-stream-offset']);

const lenient = new TextDecoder();

/** A message truncated to what a person can read, so that no browser has to hold sixteen megabytes. */
export function previewOf({ fields, content, properties }: Previewable): MessagePreview {
  return {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    body: cut(lenient.decode(content.subarray(0, 4 * BODY_SHOWN)), BODY_SHOWN),
    bodyBytes: content.length,
    properties: readable(properties),
  };
}

/** A preview that came from outside; undefined for anything else. Anything too long in it is truncated. */
export function readPreview(value: unknown): MessagePreview | undefined {
  const { exchange, routingKey, body, bodyBytes, properties } = (value ?? {}) as Record<string, unknown>;
  if (!isText(exchange) || !isText(routingKey) || !isText(body) || !Array.isArray(properties)) return undefined;
  if (!Number.isSafeInteger(bodyBytes)) return undefined;
  return {
    exchange: exchange.slice(0, LONGEST_NAME),
    routingKey: routingKey.slice(0, LONGEST_NAME),
    body: cut(body, BODY_SHOWN + 1),
    bodyBytes: Math.max(0, bodyBytes as number),
    properties: bounded(properties.filter(isProperty).map(({ name, value }) => ({ name, value }))),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isProperty(value: unknown): value is Property {
  const { name, value: text } = (value ?? {}) as Record<string, unknown>;
  return isText(name) && isText(text);
}

function bounded(properties: readonly Property[]): Property[] {
  let left = PROPERTY_TEXT_SHOWN;
  return properties
    .slice(0, PROPERTIES_SHOWN)
    .map(({ name, value }) => ({ name: cut(name, VALUE_SHOWN), value: cut(value, VALUE_SHOWN) }))
    .filter(({ name, value }) => {
      left -= name.length + value.length;
      return left >= 0;
    });
}

/** Longer than what a screen shows. */
const JSON_PARSED = 4_000;

/** JavaScript would round such a number. */
const LONG_NUMBER = /(^|[:[,\s])-?(\d+\.)?\d{16}/;

/** JSON formatted; anything else, and anything that is long or would be rounded, as it is. */
export function inLines(text: string): string {
  if (text.length > JSON_PARSED || LONG_NUMBER.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function readable({ headers, ...properties }: Previewable['properties']): Property[] {
  const own = Object.entries(properties).filter(([, value]) => value !== undefined && value !== null);
  const added = Object.entries(headers ?? {})
    .filter(([name]) => !OURS.has(name))
    .map(([name, value]) => [`header ${name}`, value] as const);
  return bounded([...own, ...added].map(([name, value]) => ({ name, value: asText(value, DEPTH_SHOWN) })));
}

function asText(value: unknown, depth: number): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) return '…';
  if (Array.isArray(value))
    return value
      .slice(0, PROPERTIES_SHOWN)
      .map((item) => asText(item, depth - 1))
      .join(', ');
  const time = secondsOf(value);
  if (time !== undefined) return timeText(time);
  return Object.entries(value)
    .slice(0, PROPERTIES_SHOWN)
    .map(([name, item]) => `${name}: ${asText(item, depth - 1)}`)
    .join(', ');
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
