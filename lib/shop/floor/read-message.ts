import { type Death, deathOf, secondsOf } from '../../dead-letters/death.js';
import { brokersReason } from '../../dead-letters/ledger.js';
import { sentAtHeader } from '../../runner-status/sent-at.js';
import { isBill } from '../domain/customer-lists.js';
import { instantOf } from '../domain/instant.js';
import { decodeCustomerMessage, decodeShoppingEvent } from '../domain/wire.js';
import { carrierOf, type PassingMessage } from './carrier.js';
import type { Fate, PassedEvent } from './floor-event.js';

/** What is known of a message only where it is read. */
export interface ReadContext {
  /** Its place in its stream. */
  readonly key: string;
  /** For a message that says no time itself: milliseconds since 1970. */
  readonly now: number;
}

/** A message of the customers' exchange: the routing key is the customer. */
export function readCustomerMessage(message: PassingMessage, { key, now }: ReadContext): PassedEvent {
  const { fields, content, properties } = message;
  const passed = { key, ...idOf(message), carrier: carrierOf(message), customer: fields.routingKey };
  const decoded = decodeCustomerMessage(content);
  if (!decoded.ok) return { ...passed, at: sentAt(properties, undefined, now), kind: 'unreadable' };
  const worker = typeof properties.appId === 'string' ? properties.appId : 'unknown worker';
  const { value } = decoded;
  const at = sentAt(properties, isBill(value) ? value.purchasedAt : value.timestamp, now);
  return isBill(value)
    ? { ...passed, at, worker, kind: 'bill', bill: value }
    : { ...passed, at, worker, kind: 'alert', event: value };
}

/** What is known of a dead letter beside itself. */
export interface Known {
  readonly id: string;
  /** Why its worker rejected it, if that was written down. */
  readonly reason: string | undefined;
  /** What a person has done with it. */
  readonly fate?: Fate | undefined;
}

/** A message of the dead-letter exchange, with the reason why it is there. */
export function readDeadLetter(
  message: PassingMessage,
  { key, now }: ReadContext,
  { id, reason, fate }: Known,
): PassedEvent {
  const death = deathOf(message.properties.headers);
  const decoded = decodeShoppingEvent(message.content);
  return {
    kind: 'dead letter',
    key,
    id,
    at: diedAt(death, message.properties, decoded.ok ? decoded.value.timestamp : undefined, now),
    ...idOf(message),
    carrier: carrierOf(message),
    queue: death?.queue ?? 'unknown queue',
    reason: (isRejected(death) ? reason : undefined) ?? brokersReason(death),
    ...(fate !== undefined && { fate }),
    ...(decoded.ok && { event: decoded.value }),
  };
}

/** Whether it is there because a worker said so, and not by the broker's own doing. */
export function isRejected(death: Death | undefined): boolean {
  return death?.reason === 'rejected';
}

/** What makes a customer's message the same as one before; undefined where its sender gave it no id. */
export function seenKeyOf({ properties }: PassingMessage): string | undefined {
  return typeof properties.messageId === 'string' && properties.messageId !== '' ? properties.messageId : undefined;
}

function idOf(message: PassingMessage): { readonly messageId?: string } {
  const messageId = seenKeyOf(message);
  return messageId === undefined ? {} : { messageId };
}

/** When it got here: as the broker says, which has whole seconds. */
function diedAt(
  death: Death | undefined,
  properties: PassingMessage['properties'],
  happened: string | undefined,
  now: number,
): number {
  return death?.seconds === undefined ? sentAt(properties, happened, now) : Math.min(death.seconds * 1000, now);
}

/** When a message was sent: as it says, else when what it tells of happened. Read again tomorrow, it is the same. */
function sentAt(
  { headers, timestamp }: PassingMessage['properties'],
  happened: string | undefined,
  now: number,
): number {
  const seconds = secondsOf(timestamp);
  const at = sentAtHeader(headers) ?? (seconds === undefined ? instantOf(happened ?? '') : seconds * 1000);
  // A sender's clock may be anywhere; a feed that runs ahead of itself helps nobody.
  return at === undefined ? now : Math.min(at, now);
}
