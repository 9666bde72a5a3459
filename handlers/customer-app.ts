import { randomUUID } from 'node:crypto';
import { queueFunction } from '../lib/lambda/function/queue-function.js';
import { keepNewest } from '../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../lib/shop/domain/events.js';
import { decodeCustomerMessage } from '../lib/shop/domain/wire.js';

/** Keeps what one customer received, each message once, in order of arrival: message id -> event or bill. */
export const handler = queueFunction<ShoppingEvent | Bill>('customer-app', ({ body, messageId }, received) => {
  const decoded = decodeCustomerMessage(body);
  if (!decoded.ok) return { rejected: 'undecodable', problems: decoded.problems };
  // Without an id, nothing shows that it is a repeat: a customer may well do the same thing twice.
  const key = messageId || randomUUID();
  if (received.get(key) === undefined) received.set(key, decoded.value);
  keepNewest(received);
  return { outgoing: [] };
});
