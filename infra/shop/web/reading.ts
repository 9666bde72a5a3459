import type { ConsumeMessage } from 'amqplib';
import { offsetOf } from '../../../lib/rabbitmq/connection/stream-offset.js';
import type { ReadContext } from '../../../lib/shop/floor/read-message.js';

/** Facts about a message that are known only where it is read. */
export function readingOf(stream: string, message: ConsumeMessage): ReadContext {
  return { key: `${stream} ${offsetOf(message)}`, now: Date.now() };
}
