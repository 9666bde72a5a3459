import type { ConsumeMessage } from 'amqplib';
import { wireOf } from '../../wire/kept.js';
import {
  integerEntry,
  readProperties,
  readTable,
  textPart,
  writeProperties,
  writeTable,
} from '../../wire/properties.js';
import { identityOf } from '../changelog/identity.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';

/** Of a message that was sent to its exchange once more: in which epoch. */
const FORWARDED = 'x-rescale-forwarded';
/** What the broker adds to what it delivers again, and what would give others a copy once more. */
const LEFT_OUT = new Set([FORWARDED, 'x-delivery-count', 'x-acquired-count', 'CC', 'BCC']);

/** Whether a queue sent it on in this epoch: what comes back then is the queue's own, whatever the ring says. */
export function wasForwarded({ properties }: ConsumeMessage, epoch: number): boolean {
  return properties.headers?.[FORWARDED] === epoch;
}

/** The message once more for its exchange, byte for byte, but for the epoch and, where it had none, an id. */
export function forwarded(delivery: ConsumeMessage, epoch: number): EncodedMessage {
  const { content, fields, properties } = delivery;
  const { exchange, routingKey } = fields;
  const messageId: string = properties.messageId || `forwarded-${epoch}-${identityOf(delivery).key}`;
  const { userId: _, headers, ...kept } = readProperties(wireOf(properties) as Buffer);
  const entries = headers === undefined ? [] : readTable(headers).filter(({ name }) => !LEFT_OUT.has(name.toString()));
  const wire = writeProperties({
    ...kept,
    headers: writeTable([...entries, integerEntry(FORWARDED, epoch)]),
    messageId: kept.messageId !== undefined && kept.messageId.length > 1 ? kept.messageId : textPart(messageId),
  });
  return { exchange, routingKey, content, messageId, mustRoute: true, properties: {}, wire };
}
