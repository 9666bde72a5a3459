import { describe, expect, it } from 'vitest';
import { discountedCost } from '../../../../../lib/shop/domain/price.js';

describe('the cost of a purchase', () => {
  it.each([
    { costPerUnit: 2, numberOfUnits: 5, cost: 8 },
    { costPerUnit: 3.35, numberOfUnits: 7, cost: 18.76 },
    { costPerUnit: 0.1, numberOfUnits: 3, cost: 0.24 },
    { costPerUnit: 19.99, numberOfUnits: 1, cost: 15.992 },
    { costPerUnit: 0, numberOfUnits: 5, cost: 0 },
    { costPerUnit: 1.1, numberOfUnits: 2.5, cost: 2.2 },
    { costPerUnit: 123456789.12, numberOfUnits: 1000, cost: 98765431296 },
  ])('$costPerUnit x $numberOfUnits less 20 % is $cost', ({ cost, ...price }) => {
    expect(discountedCost(price)).toBe(cost);
  });
});
