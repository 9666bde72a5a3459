import { createLogger } from '../lib/lambda/function/logger.js';
import { queueFunction } from '../lib/lambda/function/queue-function.js';
import type { QueueHandler } from '../lib/lambda/runtime/handler.js';
import { databaseFile, followDatabase } from '../lib/shop/database/database.js';
import { decideBasket, evolve, look, put } from '../lib/shop/domain/basket.js';
import type { Catalog } from '../lib/shop/domain/catalog.js';
import { messagesFor } from '../lib/shop/domain/messages.js';
import { decodeShoppingEvent } from '../lib/shop/domain/wire.js';

/** Turns the shopping events of one queue into alerts and bills. The store is the basket. */
export function shoppingWorker(catalog: () => Catalog): QueueHandler<string> {
  return queueFunction('shopping-worker', (record, basket) => {
    const { body, messageId } = record;
    const decoded = decodeShoppingEvent(body);
    if (!decoded.ok) return { rejected: 'undecodable', problems: decoded.problems };
    const event = decoded.value;
    const { customerOf, price } = catalog();
    const state = look(basket, event.product);
    const decision = decideBasket(event, state, customerOf(event.product), price);
    if (decision.verdict === 'rejected') return { rejected: decision.reason };
    put(basket, event.product, evolve(state, decision));
    return {
      outgoing: messagesFor(event, decision, { body, messageId, traceparent: record.textHeader('traceparent') }),
    };
  });
}

const log = createLogger('shop-database');

export const handler = shoppingWorker(
  followDatabase(databaseFile(), ({ message }) =>
    log.error('the changed database is invalid; the previous one stays in use', { message }),
  ),
);
