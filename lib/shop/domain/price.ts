import Big from 'big.js';

/** What the shop's database says about money: one price for every product. */
export interface Price {
  readonly costPerUnit: number;
  readonly numberOfUnits: number;
}

const SMART_SHOPPER_PAYS = '0.8';

/** Every bill of a database has the same cost, which is computed once. */
const costs = new WeakMap<Price, number>();

/** The cost of one purchase, 20 % off, in exact decimal arithmetic: 3.35 x 7 gives 18.76, not 18.760000000000005. */
export function discountedCost(price: Price): number {
  const known = costs.get(price);
  // Stryker disable next-line ConditionalExpression: only faster
  if (known !== undefined) return known;
  const cost = new Big(price.costPerUnit).times(price.numberOfUnits).times(SMART_SHOPPER_PAYS).toNumber();
  costs.set(price, cost);
  return cost;
}
