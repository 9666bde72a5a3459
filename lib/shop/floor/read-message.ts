import { secondsOf } from '../../dead-letters/death.js';
import type { LogEntry } from '../../dead-letters/log-entry.js';
import { type MessagePreview, type Previewable, previewOf } from '../../dead-letters/preview.js';
import { sentAtHeader } from '../../runner-status/sent-at.js';
import { isBill } from '../domain/customer-lists.js';
import { instantOf } from '../domain/instant.js';
import { decodeCustomerMessage, decodeShoppingEvent } from '../domain/wire.js';
import type { PassedEvent, RefusedEvent } from './floor-event.js';

/** Facts about a message that are known only where it is read. */
export interface ReadContext {
  /** Its offset in its stream. */
  readonly key: string;
  /** For a message without a time of its own: milliseconds since 1970. */
  readonly now: number;
}

/** A message of the customers' exchange: the routing key is the customer. */
export function readCustomerMessage(message: Previewable, { key, now }: ReadContext): PassedEvent {
  const { fields, content, properties } = message;
  const passed = { key, ...idOf(message), carrier: previewOf(message), customer: fields.routingKey };
  const decoded = decodeCustomerMessage(content);
  if (!decoded.ok) return { ...passed, at: sentAt(properties, undefined, now), kind: 'unreadable' };
  const worker = typeof properties.appId === 'string' ? properties.appId : 'unknown worker';
  const { value } = decoded;
  const at = sentAt(properties, isBill(value) ? value.purchasedAt : value.timestamp, now);
  return isBill(value)
    ? { ...passed, at, worker, kind: 'bill', bill: value }
    : { ...passed, at, worker, kind: 'alert', event: value };
}

/** An entry of the log about an event that its worker refused. */
export function readRefused(entry: LogEntry, { key, now }: ReadContext): RefusedEvent {
  const { id, at, queue = 'unknown queue', reason, messageId, message = NOT_WRITTEN } = entry;
  const decoded = decodeShoppingEvent(encoder.encode(message.body));
  return {
    kind: 'dead letter',
    key,
    id,
    // A worker's clock may be ahead.
    at: Math.min(instantOf(at) ?? now, now),
    ...(messageId !== undefined && messageId !== '' && { messageId }),
    carrier: message,
    queue,
    reason,
    ...(decoded.ok && { event: decoded.value }),
  };
}

const encoder = new TextEncoder();
/** A worker of an earlier version recorded only the reason. */
const NOT_WRITTEN: MessagePreview = { exchange: '', routingKey: '', body: '', bodyBytes: 0, properties: [] };

/** The identity of a customer's message; undefined if its sender set no id. */
export function seenKeyOf({ properties }: Previewable): string | undefined {
  return typeof properties.messageId === 'string' && properties.messageId !== '' ? properties.messageId : undefined;
}

function idOf(message: Previewable): { readonly messageId?: string } {
  const messageId = seenKeyOf(message);
  return messageId === undefined ? {} : { messageId };
}

/** When a message was sent: as it says, else when the event that it reports happened. It is the same when read again tomorrow. */
function sentAt({ headers, timestamp }: Previewable['properties'], happened: string | undefined, now: number): number {
  const seconds = secondsOf(timestamp);
  const at = sentAtHeader(headers) ?? (seconds === undefined ? instantOf(happened ?? '') : seconds * 1000);
  // A sender's clock may be wrong; a feed that runs ahead of itself helps no one.
  return at === undefined ? now : Math.min(at, now);
}
