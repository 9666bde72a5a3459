import type { ConsumeMessage } from 'amqplib';
import { MAX_PAYLOAD_BYTES, payloadBytes } from '../../lambda/event/payload.js';
import { unreadableHeaders } from '../../wire/kept.js';
import { MOST_NESTED } from '../../wire/unreadable-headers.js';

/** Why a message does not fit into an invocation, if so. AWS drops messages that are too large. */
export function unfitFor(delivery: ConsumeMessage): string | undefined {
  const unreadable = unreadableHeaders(delivery.properties);
  if (unreadable !== undefined) {
    const names = unreadable.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
    return `headers nested deeper than ${MOST_NESTED}, or of an unknown type: ${names.join(', ')}`;
  }
  if (payloadBytes(delivery) <= MAX_PAYLOAD_BYTES) return undefined;
  return `too large for an invocation: ${delivery.content.length} bytes make more than 6 MB of payload`;
}

const NAMES_SHOWN = 3;

/** The bytes that a message takes of an invocation: an unfit message fits next to no other. */
export function invocationBytes(delivery: ConsumeMessage): number {
  return unreadableHeaders(delivery.properties) === undefined ? payloadBytes(delivery) : Number.POSITIVE_INFINITY;
}
