import { randomUUID } from 'node:crypto';
import type { ShoppingEventType } from '../../../lib/shop/domain/events.js';
import { type ShopMessage, shoppingEventMessage } from '../../../lib/shop/domain/messages.js';

export interface Traffic {
  readonly products: readonly string[];
  /** This many pick ups, and as many purchases. */
  readonly count: number;
  /** The time of the next event, in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Shopping events in the order to send them: every product is picked up before it is purchased, and purchased before it
 * is picked up again.
 */
export function* trafficOf({ products, count, now }: Traffic): Generator<ShopMessage> {
  const event = (type: ShoppingEventType, product: string): ShopMessage =>
    shoppingEventMessage({ type, product, timestamp: new Date(now()).toISOString() }, randomUUID());
  for (let sent = 0; sent < count; sent += products.length) {
    const round = products.slice(0, count - sent);
    for (const type of ['pick up', 'purchase'] as const) {
      for (const product of round) yield event(type, product);
    }
  }
}

/** The same in batches of this size. Lazy, so that a million events never exist at once. */
export function* inBatches<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
