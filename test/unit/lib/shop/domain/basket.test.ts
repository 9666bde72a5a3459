import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideBasket,
  evolve,
  isPickUpTime,
  look,
  ON_SHELF,
  type ProductState,
  put,
} from '../../../../../lib/shop/domain/basket.js';
import type { ShoppingEvent } from '../../../../../lib/shop/domain/events.js';
import { verdictOnAccepted } from '../../../../../lib/shop/domain/verdict.js';

const PRICE = { costPerUnit: 2, numberOfUnits: 5 };
const pickUp = (timestamp: string): ShoppingEvent => ({ type: 'pick up', product: 'AX-123', timestamp });
const purchase = (timestamp: string): ShoppingEvent => ({ type: 'purchase', product: 'AX-123', timestamp });

/** The shop's decisions about events of one product, in order, and where the product is at the end. */
function given(events: ShoppingEvent[], customer: string | undefined = 'customer-1') {
  let state: ProductState = ON_SHELF;
  const decisions = events.map((event) => {
    const decision = decideBasket(event, state, customer, PRICE);
    state = evolve(state, decision);
    return decision;
  });
  return { decisions, last: decisions.at(-1), state };
}

describe('the rule of the shop', () => {
  it('puts a product that is picked up into the basket', () => {
    expect(given([pickUp('2026-01-01T10:00:00')])).toMatchObject({
      last: { verdict: 'picked up', customer: 'customer-1' },
      state: { status: 'picked up', at: '2026-01-01T10:00:00' },
    });
  });

  it('bills a purchase from the basket, and empties it', () => {
    expect(given([pickUp('2026-01-01T10:00:00'), purchase('2026-01-01T10:05:00')])).toMatchObject({
      last: {
        verdict: 'billed',
        bill: {
          customer: 'customer-1',
          product: 'AX-123',
          pickedUpAt: '2026-01-01T10:00:00',
          purchasedAt: '2026-01-01T10:05:00',
          cost: 8,
        },
      },
      state: ON_SHELF,
    });
  });

  it('lets a second pick up replace the first', () => {
    expect(given([pickUp('first'), pickUp('second'), purchase('then')]).last).toMatchObject({
      bill: { pickedUpAt: 'second' },
    });
  });

  it('rejects a purchase of what is not in the basket', () => {
    const rejected = { verdict: 'rejected', reason: 'purchase without pick up' };
    expect(given([purchase('then')])).toMatchObject({ last: rejected, state: ON_SHELF });
    expect(given([pickUp('a'), purchase('b'), purchase('c')])).toMatchObject({ last: rejected, state: ON_SHELF });
  });

  it("rejects whatever is nobody's product, and keeps it out of the basket", () => {
    for (const event of [pickUp('a'), purchase('a')]) {
      expect(decideBasket(event, ON_SHELF, undefined, PRICE)).toEqual({
        verdict: 'rejected',
        reason: 'unknown product',
      });
    }
  });

  it('has a rule for each type of event, or says that it has none', () => {
    const event = { ...pickUp('a'), type: 'return' } as never;
    expect(() => decideBasket(event, ON_SHELF, 'customer-1', PRICE)).toThrow('no rule for return');
  });

  it('shows each decision that accepts an event under the name it was taken with', () => {
    const { decisions } = given([pickUp('a'), purchase('b')]);
    expect(decisions.map(({ verdict }) => verdict)).toEqual([
      verdictOnAccepted('pick up'),
      verdictOnAccepted('purchase'),
    ]);
  });

  it('keeps in the basket what is picked up, and nothing else', () => {
    const basket = new Map<string, string>();
    expect(look(basket, 'AX-123')).toEqual({ status: 'on shelf' });
    put(basket, 'AX-123', { status: 'picked up', at: 'then' });
    expect(look(basket, 'AX-123')).toEqual({ status: 'picked up', at: 'then' });
    put(basket, 'AX-123', ON_SHELF);
    expect(basket.size).toBe(0);
  });

  it.each([
    ['2026-01-01T10:00:00', true],
    ['yesterday', false],
    [1767261600000, false],
    [['2026-01-01T10:00:00'], false],
    [null, false],
  ])('may hold %j: %s', (value, may) => {
    expect(isPickUpTime(value)).toBe(may);
  });

  it('bills every purchase that follows a pick up once, with the time of the latest, and no other', () => {
    const history = fc.array(fc.constantFrom('pick up' as const, 'purchase' as const), { maxLength: 40 });
    fc.assert(
      fc.property(history, (types) => {
        const events = types.map((type, index): ShoppingEvent => ({ type, product: 'AX-123', timestamp: `${index}` }));
        const bills = given(events).decisions.flatMap((decision) =>
          decision.verdict === 'billed' ? [[decision.bill.pickedUpAt, decision.bill.purchasedAt]] : [],
        );
        const expected = types.flatMap((type, index) =>
          type === 'purchase' && types[index - 1] === 'pick up' ? [[`${index - 1}`, `${index}`]] : [],
        );
        expect(bills).toEqual(expected);
      }),
    );
  });
});
