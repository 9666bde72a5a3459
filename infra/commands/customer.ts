import type { Catalog } from '../../lib/shop/catalog.js';
import { CommandError, EXIT } from './command-line.js';

const NAMED_AT_MOST = 10;

/** @throws CommandError (2) naming customers that there are. */
export function requireCustomer(catalog: Catalog, customer: string): void {
  if (catalog.customers.includes(customer)) return;
  const known = catalog.customers.slice(0, NAMED_AT_MOST).join(', ');
  const more = catalog.customers.length > NAMED_AT_MOST ? ', ...' : '';
  throw new CommandError(
    `The database has no customer ${JSON.stringify(customer)}; it has ${known}${more}.`,
    EXIT.usage,
  );
}
