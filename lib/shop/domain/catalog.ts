import { z } from 'zod';
import { isCustomerId, isProductNumber } from './names.js';
import { discountedCost, type Price } from './price.js';

/** Who may buy what, at which price: the shop's database, ready for look-ups. */
export interface Catalog {
  readonly customers: readonly string[];
  readonly products: readonly string[];
  readonly price: Price;
  /** The currency of the price, an ISO 4217 code such as `EUR`; undefined if the database names none. */
  readonly currency?: string;
  /** O(1); undefined for an unknown product. */
  customerOf(product: string): string | undefined;
  productsOf(customer: string): readonly string[];
}

/** The database violates its schema; the message starts with the JSON path of the error. */
export class InvalidDatabaseError extends Error {
  override readonly name = 'InvalidDatabaseError';
}

const amount = z.number('must be a number').nonnegative('must not be negative');

// Not z.record, which drops a key named `__proto__`; a customer may have any name.
const SCHEMA = z.looseObject({
  customers_database: z.custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object: customer id -> product number, or a list of these',
  ),
  cost_per_unit: amount,
  number_of_units: amount,
  currency: z
    .string('must be a string')
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code, such as "EUR"')
    .optional(),
});

/**
 * Reads the shop's database from its JSON value: `customers_database` (customer id -> product number, or a list of them),
 * `cost_per_unit`, `number_of_units`, and optionally `currency`. Other keys are ignored.
 * @throws InvalidDatabaseError
 */
export function parseCatalog(database: unknown): Catalog {
  const parsed = SCHEMA.safeParse(database);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${jsonPath(path)}: ${message}`);
    throw new InvalidDatabaseError(problems.join('; '));
  }
  const { customers_database, cost_per_unit, number_of_units, currency } = parsed.data;
  const price = { costPerUnit: cost_per_unit, numberOfUnits: number_of_units };
  if (!Number.isFinite(discountedCost(price))) {
    throw new InvalidDatabaseError('$: cost_per_unit times number_of_units is more than a JSON number can hold');
  }
  const productsOf = new Map<string, readonly string[]>();
  const customerOf = new Map<string, string>();
  for (const [customer, owned] of Object.entries(customers_database)) {
    const products = productsAt(customer, owned);
    productsOf.set(customer, products);
    for (const product of products) {
      const other = customerOf.get(product);
      if (other !== undefined && other !== customer) {
        throw new InvalidDatabaseError(
          `$.customers_database: product ${quote(product)} belongs to both ${quote(other)} and ${quote(customer)}`,
        );
      }
      customerOf.set(product, customer);
    }
  }
  return {
    customers: [...productsOf.keys()],
    products: [...customerOf.keys()],
    price,
    ...(currency !== undefined && { currency }),
    customerOf: (product) => customerOf.get(product),
    productsOf: (customer) => productsOf.get(customer) ?? [],
  };
}

function productsAt(customer: string, owned: unknown): string[] {
  const path = jsonPath(['customers_database', customer]);
  if (!isCustomerId(customer)) {
    throw new InvalidDatabaseError(
      `${path}: a customer id has 1 to 200 bytes and no word between dots that is "*" or "#"`,
    );
  }
  const products: unknown[] = Array.isArray(owned) ? owned : [owned];
  return products.map((product, index) => {
    if (typeof product === 'string' && isProductNumber(product)) return product;
    const at = Array.isArray(owned) ? `${path}[${index}]` : path;
    throw new InvalidDatabaseError(`${at}: a product number must be a string of 1 to 255 bytes`);
  });
}

function jsonPath(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => path + step(key), '$');
}

function step(key: PropertyKey): string {
  return /^[A-Za-z_]\w*$/.test(String(key)) ? `.${String(key)}` : `[${quote(String(key))}]`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
