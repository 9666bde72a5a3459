import { secondsOf } from '../../dead-letters/death.js';
import type { Carrier, Property } from './floor-event.js';

/** What the floor reads of a message; a delivery of amqplib fits. */
export interface PassingMessage {
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
/** A sender may nest tables as deep as it likes; people read no deeper. */
const DEPTH_SHOWN = 4;
/** What reading from a stream adds. */
const OURS = new Set(['x-stream-offset']);

const lenient = new TextDecoder();

/** A message cut to what a person can read: nobody's browser has to hold sixteen megabytes. */
export function carrierOf({ fields, content, properties }: PassingMessage): Carrier {
  return {
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    body: cut(lenient.decode(content.subarray(0, 4 * BODY_SHOWN)), BODY_SHOWN),
    bodyBytes: content.length,
    properties: readable(properties),
  };
}

function readable({ headers, ...properties }: PassingMessage['properties']): Property[] {
  const own = Object.entries(properties).filter(([, value]) => value !== undefined && value !== null);
  const added = Object.entries(headers ?? {})
    .filter(([name]) => !OURS.has(name))
    .map(([name, value]) => [`header ${name}`, value] as const);
  return [...own, ...added]
    .slice(0, PROPERTIES_SHOWN)
    .map(([name, value]) => ({ name: cut(name, VALUE_SHOWN), value: cut(asText(value, DEPTH_SHOWN), VALUE_SHOWN) }));
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
