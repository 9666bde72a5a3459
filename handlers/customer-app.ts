import { queueFunction } from '../lib/lambda/queue-function.js';
import type { Bill, ShoppingEvent } from '../lib/shop/events.js';
import { decodeCustomerMessage } from '../lib/shop/wire.js';

/** Keeps what one customer received, in order of arrival: position -> event or bill. */
export const handler = queueFunction<ShoppingEvent | Bill>('customer-app', ({ body }, received) => {
  const decoded = decodeCustomerMessage(body);
  if (!decoded.ok) return { rejected: 'undecodable', problems: decoded.problems };
  received.set(String(received.size), decoded.value);
  return { outgoing: [] };
});
