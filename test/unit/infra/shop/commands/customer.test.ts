import { expect, it } from 'vitest';
import { requireCustomer } from '../../../../../infra/shop/commands/customer.js';
import type { Catalog } from '../../../../../lib/shop/domain/catalog.js';

const catalog = { customers: ['customer-1', 'Anna', 'Bob', 'bob'] } as unknown as Catalog;

it.each([
  ['customer-1', 'customer-1'],
  ['Customer-1', 'customer-1'],
  ['anna', 'Anna'],
  ['ANNA', 'Anna'],
  ['bob', 'bob'],
  ['Bob', 'Bob'],
])('%s means customer %s', (given, customer) => {
  expect(requireCustomer(catalog, given)).toBe(customer);
});

it('one that may be two, or is none, is named with those that there are', () => {
  expect(() => requireCustomer(catalog, 'BOB')).toThrow('"BOB" may be Bob or bob: write it exactly like that.');
  expect(() => requireCustomer(catalog, 'Eve')).toThrow('no customer "Eve"; it has customer-1, Anna, Bob, bob.');
});
