import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { madeUpDatabase } from '../../../../../infra/shop/load/made-up-database.js';
import { inBatches, trafficOf } from '../../../../../infra/shop/load/traffic.js';
import { parseCatalog } from '../../../../../lib/shop/domain/catalog.js';
import type { WireShoppingEvent } from '../../../../../lib/shop/domain/wire.js';

describe('traffic', () => {
  it('has as many purchases as pick ups, and each purchase right after a pick up of its product', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 }), (products, count) => {
        let instant = 0;
        const names = Array.from({ length: products }, (_, index) => `P-${index}`);
        const messages = [...trafficOf({ products: names, count, now: () => instant++ })];
        const events = messages.map(({ body }) => body as WireShoppingEvent);
        expect(events.filter(({ event_type }) => event_type === 'pick up')).toHaveLength(count);
        expect(events.filter(({ event_type }) => event_type === 'purchase')).toHaveLength(count);
        for (const name of names) {
          const types = events.filter(({ product_number }) => product_number === name).map((event) => event.event_type);
          expect(types).toEqual(types.map((_, index) => (index % 2 === 0 ? 'pick up' : 'purchase')));
          expect(types.length % 2).toBe(0);
        }
        expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(2 * count);
        expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(2 * count);
      }),
    );
  });

  it('comes in batches that lose nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const batches = [...inBatches(items, size)];
        expect(batches.flat()).toEqual(items);
        expect(batches.every((batch, index) => batch.length === size || index === batches.length - 1)).toBe(true);
        expect(batches.at(-1)).not.toEqual([]);
      }),
    );
  });
});

describe('a made-up database', () => {
  it.each([1, 10, 11, 5000])('has %i products, each with one customer', (products) => {
    const catalog = parseCatalog(JSON.parse(madeUpDatabase(products)));
    expect(catalog.products).toHaveLength(products);
    expect(catalog.customers).toHaveLength(Math.ceil(products / 10));
    expect(madeUpDatabase(products)).toBe(madeUpDatabase(products));
  });
});
