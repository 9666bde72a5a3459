import Big from 'big.js';

/** What the shop's database says of money: one price for every product. */
export interface Price {
  readonly costPerUnit: number;
  readonly numberOfUnits: number;
}

const SMART_SHOPPER_PAYS = '0.8';

/** Cost of one purchase, 20 % off, in exact decimal arithmetic: 3.35 x 7 gives 18.76, not 18.760000000000005. */
export function discountedCost({ costPerUnit, numberOfUnits }: Price): number {
  return new Big(costPerUnit).times(numberOfUnits).times(SMART_SHOPPER_PAYS).toNumber();
}
