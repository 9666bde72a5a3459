import { type Holder, operatorCode, signPass } from './pass.js';

export const FLOOR_PATH = '/floor';
/** Below that path, so that its cookie is sent there. */
export const ACTS_PATH = `${FLOOR_PATH}/acts`;

/** A customer's page, which is also the only path that this customer's cookie is sent to. */
export function customerPath(customer: string): string {
  return `/customers/${encodeURIComponent(customer)}`;
}

/** A URL resolves these away, so there would be no separate path. */
export function hasOwnPath(customer: string): boolean {
  return customer !== '.' && customer !== '..';
}

/** The address of a holder's page, with the pass that opens it until then. @param id the id for revoking it */
export function linkFor(origin: string, holder: Holder, until: number, secret: Buffer, id?: string): string {
  const link = new URL(holder.role === 'operator' ? '/' : customerPath(holder.customer), origin);
  link.searchParams.set('token', signPass({ use: 'link', holder, until, id }, secret));
  return link.href;
}

/** Below this path, the code that opens the shop floor. */
export const OPEN_PATH = '/open';

/** A short address that opens the shop floor, valid for twelve hours at least and a day at most. */
export function shortAddress(origin: string, secret: Buffer, now: number): string {
  return new URL(`${OPEN_PATH}/${operatorCode(secret, now)}`, origin).href;
}
