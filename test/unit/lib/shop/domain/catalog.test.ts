import { describe, expect, it } from 'vitest';
import { InvalidDatabaseError, parseCatalog } from '../../../../../lib/shop/domain/catalog.js';

const DATABASE = {
  customers_database: { 'customer-1': 'AX-123', 'Zoë M. Ünal': ['BX 1', 'BX.2'] },
  cost_per_unit: 2,
  number_of_units: 5,
};
const withCustomers = (customers: unknown) => () => parseCatalog({ ...DATABASE, customers_database: customers });

describe("the shop's database", () => {
  it('finds the customer of a product, be it the only one or one of a list', () => {
    const catalog = parseCatalog(DATABASE);
    expect(catalog.customerOf('AX-123')).toBe('customer-1');
    expect(catalog.customerOf('BX.2')).toBe('Zoë M. Ünal');
    expect(catalog.customerOf('nobody has it')).toBeUndefined();
    expect(catalog.customerOf('__proto__')).toBeUndefined();
    expect(catalog.productsOf('Zoë M. Ünal')).toEqual(['BX 1', 'BX.2']);
    expect(catalog.productsOf('nobody')).toEqual([]);
    expect(catalog.products).toEqual(['AX-123', 'BX 1', 'BX.2']);
    expect(catalog.price).toEqual({ costPerUnit: 2, numberOfUnits: 5 });
  });

  it('takes a customer by any name', () => {
    const catalog = parseCatalog(
      JSON.parse('{"customers_database":{"__proto__":"P"},"cost_per_unit":1,"number_of_units":1}'),
    );
    expect(catalog.customers).toEqual(['__proto__']);
    expect(catalog.customerOf('P')).toBe('__proto__');
  });

  it('leaves keys alone that it does not know', () => {
    expect(parseCatalog({ ...DATABASE, currency: 'EUR' }).customers).toHaveLength(2);
  });

  it('lets a customer have a product twice', () => {
    expect(withCustomers({ ada: ['A', 'A'] })().customerOf('A')).toBe('ada');
  });

  it('says by its error what is wrong', () => {
    expect(new InvalidDatabaseError('x').name).toBe('InvalidDatabaseError');
  });

  it('names both customers of a product that two have', () => {
    expect(withCustomers({ ada: 'AX-123', bob: ['BX-1', 'AX-123'] })).toThrow(
      '$.customers_database: product "AX-123" belongs to both "ada" and "bob"',
    );
  });

  it('may name a currency', () => {
    expect(parseCatalog({ ...DATABASE, currency: 'EUR' }).currency).toBe('EUR');
    expect(parseCatalog(DATABASE)).not.toHaveProperty('currency');
  });

  it.each([
    [{ ...DATABASE, currency: 'euro' }, '$.currency: must be an ISO 4217 code, such as "EUR"'],
    [{ ...DATABASE, currency: 1 }, '$.currency: must be a string'],
    [{ ...DATABASE, cost_per_unit: -1 }, '$.cost_per_unit: must not be negative'],
    [{ ...DATABASE, number_of_units: '5' }, '$.number_of_units: must be a number'],
    [{ ...DATABASE, cost_per_unit: Infinity }, '$.cost_per_unit: must be a number'],
    [{ ...DATABASE, cost_per_unit: 1e308, number_of_units: 1e308 }, 'more than a JSON number can hold'],
    [{ ...DATABASE, customers_database: [] }, '$.customers_database: must be an object'],
    [{ ...DATABASE, customers_database: null }, '$.customers_database: must be an object'],
    [{ cost_per_unit: 1, number_of_units: 1 }, '$.customers_database: must be an object'],
    [{ ...DATABASE, cost_per_unit: -1, number_of_units: '5' }, 'must not be negative; $.number_of_units: must be'],
    [[], '$: '],
    [null, '$: '],
  ])('refuses %j', (database, problem) => {
    expect(() => parseCatalog(database)).toThrow(problem);
  });

  it.each([
    [{ '': 'A' }, '$.customers_database[""]: a customer id'],
    [{ ['x'.repeat(201)]: 'A' }, 'a customer id has 1 to 200 bytes'],
    [{ 'all.#': 'A' }, '$.customers_database["all.#"]: a customer id'],
    [{ '*': 'A' }, '$.customers_database["*"]: a customer id'],
    [{ '1 ada': 5 }, '$.customers_database["1 ada"]: a product number'],
    [{ '1ada': 5 }, '$.customers_database["1ada"]: a product number'],
    [{ ada: 5 }, '$.customers_database.ada: a product number'],
    [{ ada: ['A', ''] }, '$.customers_database.ada[1]: a product number'],
    [{ ada: 'ä'.repeat(128) }, '$.customers_database.ada: a product number'],
  ])('refuses customers %j', (customers, problem) => {
    expect(withCustomers(customers)).toThrow(problem);
  });

  it('lets words with more than a wildcard pass', () => {
    expect(withCustomers({ 'c#.x*': 'A' })().customerOf('A')).toBe('c#.x*');
  });
});
