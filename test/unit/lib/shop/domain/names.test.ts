import { expect, it } from 'vitest';
import { isCustomerId, isProductNumber } from '../../../../../lib/shop/domain/names.js';

it('a product number has 1 to 255 bytes of UTF-8', () => {
  const taken = ['x', 'x'.repeat(255), 'ä'.repeat(127), `x${'ä'.repeat(127)}`, '€'.repeat(85)];
  const refused = ['', 'x'.repeat(256), 'ä'.repeat(128), `x${'€'.repeat(85)}`];
  expect(taken.map(isProductNumber)).toEqual(taken.map(() => true));
  expect(refused.map(isProductNumber)).toEqual(refused.map(() => false));
});

it('a customer id has 1 to 200 bytes of UTF-8', () => {
  expect(isCustomerId('x'.repeat(200))).toBe(true);
  expect(isCustomerId('x'.repeat(201))).toBe(false);
});
