import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import { CommandError, EXIT } from '../../commands/command-line.js';

const NAMED_AT_MOST = 10;

/**
 * The customer of the database that an id refers to, ignoring case, as the exercise's own commands do. An exact match comes
 * first.
 * @throws CommandError (2) that names existing customers
 */
export function requireCustomer(catalog: Catalog, customer: string): string {
  if (catalog.customers.includes(customer)) return customer;
  const alike = catalog.customers.filter((id) => id.toLowerCase() === customer.toLowerCase());
  const [found, ...others] = alike;
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined) {
    throw new CommandError(
      `${JSON.stringify(customer)} may be ${alike.join(' or ')}: write it exactly like that.`,
      EXIT.usage,
    );
  }
  const known = catalog.customers.slice(0, NAMED_AT_MOST).join(', ');
  const more = catalog.customers.length > NAMED_AT_MOST ? ', ...' : '';
  throw new CommandError(
    `The database has no customer ${JSON.stringify(customer)}; it has ${known}${more}.`,
    EXIT.usage,
  );
}
