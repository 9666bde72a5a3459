import type { ConsumeMessage } from 'amqplib';
import { type Death, withDeath } from '../../wire/death-entry.js';
import { withoutFatal } from '../../wire/fatal-headers.js';
import { wireOf } from '../../wire/kept.js';
import { readProperties, writeProperties } from '../../wire/properties.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { DeadLetterAddress } from '../topology/queue-traits.js';

/** A copy of a message that RabbitMQ can dead-letter. */
export interface CleanCopy {
  readonly wire: Buffer;
  /** The names of the removed headers. */
  readonly names: readonly string[];
}

type WireMessage = EncodedMessage & { readonly wire: Buffer };

/** Undefined if RabbitMQ can dead-letter the message itself. */
export function cleanCopyOf({ properties }: ConsumeMessage, mostPropertyBytes: number): CleanCopy | undefined {
  const wire = wireOf(properties);
  return wire && withoutFatal(wire, mostPropertyBytes);
}

/** The copy that goes back to the queue. */
export function backTo(queue: string, delivery: ConsumeMessage, { wire }: CleanCopy): WireMessage {
  return encoded(delivery, { exchange: '', routingKey: queue }, wire);
}

/** The copy as RabbitMQ would have dead-lettered it. */
export function deadLettered(
  queue: string,
  delivery: ConsumeMessage,
  { wire }: CleanCopy,
  { exchange, routingKey }: DeadLetterAddress,
): WireMessage {
  const { fields } = delivery;
  const death: Death = { queue, exchange: fields.exchange, routingKey: fields.routingKey, at: Date.now() };
  const to = { exchange, routingKey: routingKey ?? fields.routingKey };
  return encoded(delivery, to, withDeath(wire, death));
}

/** `user_id` is left out, because RabbitMQ accepts it only from its owner. */
function encoded(
  { content, properties }: ConsumeMessage,
  to: Pick<EncodedMessage, 'exchange' | 'routingKey'>,
  wire: Buffer,
): WireMessage {
  const { userId: _, ...kept } = readProperties(wire);
  const messageId = typeof properties.messageId === 'string' ? properties.messageId : undefined;
  return { ...to, messageId, mustRoute: true, content, properties: {}, wire: writeProperties(kept) };
}
