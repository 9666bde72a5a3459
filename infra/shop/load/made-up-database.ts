import { readFile, writeFile } from 'node:fs/promises';

/** A customer has several products, as in a shop. */
const PRODUCTS_PER_CUSTOMER = 10;

/** The text of a shop's database with this many products. The same number always gives the same text. */
export function madeUpDatabase(products: number): string {
  const customers = Math.ceil(products / PRODUCTS_PER_CUSTOMER);
  const width = String(products).length;
  const numbered = (prefix: string, index: number): string => `${prefix}-${String(index).padStart(width, '0')}`;
  const owned = Array.from({ length: customers }, (_, customer) => {
    const first = customer * PRODUCTS_PER_CUSTOMER;
    const count = Math.min(PRODUCTS_PER_CUSTOMER, products - first);
    return [numbered('customer', customer + 1), Array.from({ length: count }, (_, n) => numbered('P', first + n + 1))];
  });
  return `${JSON.stringify({ customers_database: Object.fromEntries(owned), cost_per_unit: 2, number_of_units: 5 }, null, 1)}\n`;
}

/**
 * Writes it to a file that does not exist, or that has exactly this content.
 * @throws Error if the file has other content
 */
export async function writeMadeUpDatabase(file: string, products: number): Promise<void> {
  const text = madeUpDatabase(products);
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((await readFile(file, 'utf8')) !== text) {
      throw new Error(`${file} is another file: name a file that does not exist yet.`, { cause: error });
    }
  }
}
