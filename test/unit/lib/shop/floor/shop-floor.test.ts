import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, EMPTY_FLOOR } from '../../../../../lib/shop/floor/shop-floor.js';
import { billed, NOON, refused, removed, told } from './messages.js';

describe('the shop floor', () => {
  it('shows a product in its basket from the pick up to the bill', () => {
    const carried = advance(EMPTY_FLOOR, [told('pick up', 'AX-123')]);
    expect(carried.baskets).toMatchObject([{ product: 'AX-123', customer: 'customer-1', worker: 'worker01' }]);
    const gone = advance(carried, [told('purchase', 'AX-123'), billed('AX-123', 8)]);
    expect(gone.baskets).toEqual([]);
    expect(gone.bills).toMatchObject([{ kind: 'bill', bill: { product: 'AX-123', cost: 8 } }]);
  });

  it('lists the basket that is open longest first; a second pick up begins anew', () => {
    const floor = advance(EMPTY_FLOOR, [told('pick up', 'AX'), told('pick up', 'BX'), told('pick up', 'AX')]);
    expect(floor.baskets.map(({ product }) => product)).toEqual(['BX', 'AX']);
  });

  it('counts what happened, and adds money up exactly', () => {
    const floor = advance(EMPTY_FLOOR, [
      told('pick up', 'AX'),
      told('purchase', 'AX'),
      billed('AX', 0.1),
      billed('BX', 0.2),
    ]);
    expect(floor.totals).toMatchObject({ pickUps: 1, purchases: 1, bills: 2, revenue: 0.3, deadLetters: 0 });
  });

  it('says since when it counts: what customers are told and what is refused are kept for different times', () => {
    const [early, late] = [refused('AX', 'a', { at: '2026-01-05T08:00:00Z' }), told('pick up', 'BX')];
    const floor = advance(advance(EMPTY_FLOOR, [early, late]), [told('pick up', 'CX'), refused('DX', 'd')]);
    expect(floor.totals).toMatchObject({ since: late.at, refusedSince: Date.UTC(2026, 0, 5, 8) });
    expect(EMPTY_FLOOR.totals).not.toHaveProperty('since');
  });

  it('keeps a dead letter that was taken out, with what became of it; that is not an event of the feed', () => {
    const floor = advance(EMPTY_FLOOR, [refused('AX', 'a'), refused('BX', 'b'), removed('a', 'redriven')]);
    expect(floor.deadLetters).toMatchObject([{ id: 'b' }, { id: 'a', removed: { at: NOON, fate: 'redriven' } }]);
    expect(floor.deadLetters[0]).not.toHaveProperty('removed');
    expect(floor.feed).toHaveLength(2);
    expect(floor.totals.deadLetters).toBe(2);
    const later = advance(floor, [removed('b', 'purged'), removed('unknown', 'purged')]);
    expect(later.deadLetters.map((letter) => letter.removed?.fate)).toEqual(['purged', 'redriven']);
    expect(later.activity).toEqual(floor.activity);
  });

  it('tells how the products spread over the workers', () => {
    const floor = advance(EMPTY_FLOOR, [
      told('pick up', 'AX', 'customer-1', 'worker02'),
      told('pick up', 'BX', 'customer-2', 'worker01'),
      told('pick up', 'BX', 'customer-2', 'worker01'),
    ]);
    expect(floor.workers).toEqual([
      { worker: 'worker01', alerts: 2, bills: 0, rejected: 0, products: ['BX'] },
      { worker: 'worker02', alerts: 1, bills: 0, rejected: 0, products: ['AX'] },
    ]);
  });

  it('counts messages by the second they passed in', () => {
    const floor = advance(EMPTY_FLOOR, [told('pick up', 'AX'), told('pick up', 'BX')]);
    expect(floor.activity).toEqual([{ second: NOON / 1000, events: 2 }]);
  });

  it('stays bounded through ten thousand events, newest first', () => {
    const events = Array.from({ length: 10_000 }, (_, index) => told('pick up', `P${index}`));
    const floor = advance(EMPTY_FLOOR, events);
    expect(floor.feed).toHaveLength(200);
    expect(floor.feed[0]).toMatchObject({ event: { product: 'P9999' } });
    expect(floor.baskets).toHaveLength(5_000);
    expect(JSON.stringify(floor).length).toBeLessThan(1_000_000);
  });

  // The server sends news to a page in portions of any size: both must end up with the same floor.
  it('is the same in whatever portions the events come', () => {
    const products = ['AX', 'BX', 'CX'];
    const events = fc.array(
      fc.record({
        product: fc.constantFrom(...products),
        what: fc.constantFrom('pick up', 'purchase', 'bill', 'refused', 'removed'),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(events, fc.nat(40), (drawn, cut) => {
        const all = drawn.map(({ product, what }) => {
          if (what === 'bill') return billed(product, 8);
          if (what === 'refused') return refused(product, product);
          return what === 'removed' ? removed(product, 'redriven') : told(what as 'pick up', product);
        });
        const inTwo = advance(advance(EMPTY_FLOOR, all.slice(0, cut)), all.slice(cut));
        expect(inTwo).toEqual(advance(EMPTY_FLOOR, all));
      }),
    );
  });
});
