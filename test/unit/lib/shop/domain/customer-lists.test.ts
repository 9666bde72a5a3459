import { expect, it } from 'vitest';
import { keepNewest } from '../../../../../lib/shop/domain/customer-lists.js';

it('forgets the oldest thousand of more than 10,000, and nothing before', () => {
  const received = new Map(Array.from({ length: 10_000 }, (_, index) => [`${index}`, index]));
  keepNewest(received);
  expect(received.size).toBe(10_000);
  received.set('10000', 10_000);
  keepNewest(received);
  expect([...received.keys()].slice(0, 1)).toEqual(['1000']);
  expect(received.size).toBe(9_001);
});
