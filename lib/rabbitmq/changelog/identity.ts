import { hash } from 'node:crypto';
import type { Message } from 'amqplib';

/** What makes two deliveries the same event. */
export interface Identity {
  readonly key: string;
  /** Whether a message with the same key that was seen before may be taken for this one. */
  readonly comparable: boolean;
}

/** 132 bits: no two of 100,000 identities collide by chance. */
const KEY_LENGTH = 22;

/**
 * Same id and same body: same event. A message without an id is compared only if the broker says that it may have been delivered
 * before, because two senders may well say the same thing.
 */
export function identityOf({
  content,
  properties,
  fields,
}: Pick<Message, 'content' | 'properties' | 'fields'>): Identity {
  const id: unknown = properties.messageId;
  const known = typeof id === 'string' && id !== '';
  // The length prevents an id that ends like a body from being read as one.
  const head = Buffer.from(known ? `${id.length}:${id}` : '-');
  const key = hash('sha256', Buffer.concat([head, content]), 'base64url').slice(0, KEY_LENGTH);
  return { key, comparable: known || fields.redelivered };
}
