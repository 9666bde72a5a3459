import type { ConsumeMessage } from 'amqplib';
import { withoutFatal } from '../../wire/fatal-headers.js';
import { wireOf } from '../../wire/kept.js';
import { readProperties, writeProperties } from '../../wire/properties.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';

export interface CleanCopy {
  readonly message: EncodedMessage;
  /** Of the headers that were removed. */
  readonly names: readonly string[];
}

/**
 * A copy that RabbitMQ can dead-letter, for the queue that a message came from; undefined where it can dead-letter the message
 * itself. `user_id` is left out: RabbitMQ takes it from its owner only.
 */
export function cleanCopyOf(
  { content, properties }: ConsumeMessage,
  queue: string,
  mostPropertyBytes: number,
): CleanCopy | undefined {
  const wire = wireOf(properties);
  const clean = wire && withoutFatal(wire, mostPropertyBytes);
  if (clean === undefined) return undefined;
  const { userId: _, ...kept } = readProperties(clean.wire);
  const messageId = typeof properties.messageId === 'string' ? properties.messageId : undefined;
  const address = { exchange: '', routingKey: queue, messageId, mustRoute: true };
  return { message: { ...address, content, properties: {}, wire: writeProperties(kept) }, names: clean.names };
}
