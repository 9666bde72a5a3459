import { expect, it } from 'vitest';
import { findGoods } from '../../../../../infra/shop/web/find-goods.js';
import { parseCatalog } from '../../../../../lib/shop/domain/catalog.js';

const catalog = parseCatalog({
  customers_database: {
    ada: ['AX-1', 'AX-10', 'AX-100'],
    ben: 'BX-1',
    many: Array.from({ length: 50 }, (_, n) => `M${n}`),
  },
  cost_per_unit: 1,
  number_of_units: 1,
});
const found = (words: string) =>
  findGoods(words, catalog).found.map(({ product, customer }) => `${product} ${customer}`);

it('finds products by their number and by their customer, an exact match first', () => {
  expect(found(' ax-10')).toEqual(['AX-10 ada', 'AX-100 ada']);
  expect(found('AX-100 ')).toEqual(['AX-100 ada']);
  expect(found('AX-1')).toEqual(['AX-1 ada', 'AX-10 ada', 'AX-100 ada']);
  expect(found('ben')).toEqual(['BX-1 ben']);
  expect(found('nothing')).toEqual([]);
});

it('gives the first of many', () => {
  expect(found('')).toHaveLength(20);
});
