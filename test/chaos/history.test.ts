import { expect, it } from 'vitest';
import { examine, type History } from './history.js';

const at = (second: number) => `2026-01-01T10:00:0${second}`;
const bill = (purchase: number, id: string) => ({
  id,
  body: {
    customer_id: 'c',
    product_number: 'P',
    pickup_time: at(purchase - 1),
    purchase_time: at(purchase),
    shopping_cost: 8,
  },
});
const GOOD: History = {
  purchases: [
    { product: 'P', pickedUpAt: at(1), purchasedAt: at(2) },
    { product: 'P', pickedUpAt: at(3), purchasedAt: at(4) },
  ],
  strangers: ['s'],
  bills: [bill(2, 'a'), bill(4, 'b'), bill(4, 'b')],
  deadLetters: ['s'],
  settled: [1, 2, 3, 4].map((second) => ({ queue: 'q', product: 'P', at: at(second) })),
};

it('finds nothing wrong with a history in which all went well, and counts repeats', () => {
  expect(examine(GOOD)).toEqual({ wrong: [], repeatedBills: 1 });
});

it.each<[string, Partial<History>, string]>([
  ['a lost bill', { bills: [bill(2, 'a')] }, 'lost: P at 2026-01-01T10:00:04'],
  ['a bill under two ids', { bills: [...GOOD.bills, bill(2, 'c')] }, 'billed under 2 ids'],
  ['a bill for nothing', { bills: [...GOOD.bills, bill(6, 'c')] }, 'never bought'],
  [
    'a bill of another pick up',
    { bills: [...GOOD.bills, { ...bill(2, 'a'), body: { ...bill(2, 'a').body, pickup_time: at(0) } }] },
    'another pick up',
  ],
  ['an innocent dead letter', { deadLetters: ['s', 'p'] }, 'dead-lettered, or twice: p'],
  ['a stranger who got away', { deadLetters: [] }, 'not a dead letter: s'],
  ['a purchase that overtook', { settled: [GOOD.settled[1], GOOD.settled[0]] as never }, 'after'],
  [
    'a product on two queues',
    { settled: [...GOOD.settled, { queue: 'other', product: 'P', at: at(9) }] },
    'was on two queues',
  ],
])('finds %s that was planted', (_, planted, found) => {
  expect(examine({ ...GOOD, ...planted }).wrong.join('\n')).toContain(found);
});
