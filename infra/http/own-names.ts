import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { MiddlewareHandler } from 'hono';

/** The names under which requests may address a server. */
export interface OwnNames {
  readonly port: number;
  /** In addition to the names of loopback. */
  readonly hosts: readonly string[];
  readonly scheme: 'http' | 'https';
  /** The public address at a proxy, such as `https://shop.example`. */
  readonly publicOrigin?: string | undefined;
}

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** The addresses that mean all addresses of this machine. */
const EVERY_ADDRESS = ['0.0.0.0', '::'];

/**
 * The names of a server that listens on a host, the best ones to give to others first: if it listens on all addresses, those that
 * other machines can reach.
 */
export function namesOf(host: string): readonly string[] {
  if (!EVERY_ADDRESS.includes(host)) return [inUrl(host)];
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const outside = addresses.filter(({ internal, scopeid }) => !internal && !scopeid);
  const reachable = outside.filter(({ family }) => family === 'IPv4' || host === '::');
  const sorted = reachable.sort((one, other) => one.family.localeCompare(other.family));
  return [...sorted.map(({ address }) => inUrl(address)), '127.0.0.1'];
}

/** An IPv6 address is in brackets (RFC 3986). */
function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/**
 * Accepts requests for our own name that come from no page but our own. A different name in `Host` means a page elsewhere that
 * had its name rebound to this address; a different `Origin` means a page elsewhere that asks openly.
 */
export function ownNamesOnly(names: () => OwnNames): MiddlewareHandler {
  return async (context, next) => {
    const origins = originsOf(names());
    const host = context.req.header('host') ?? '';
    if (!origins.some((own) => new URL(own).host === host))
      return context.text('This server has a different name.', 421);
    const origin = context.req.header('origin');
    if (origin !== undefined && !origins.includes(origin)) {
      return context.text('Requests from pages of another origin are refused.', 403);
    }
    await next();
  };
}

function originsOf({ port, hosts, scheme, publicOrigin }: OwnNames): readonly string[] {
  // What requires the proxy must not be available without it.
  const named = publicOrigin === undefined ? hosts : [];
  const own = [...LOOPBACK_NAMES, ...named].map((name) => `${scheme}://${name}:${port}`);
  return publicOrigin === undefined ? own : [...own, publicOrigin];
}

/** Whether a request addresses this machine's own loopback rather than the name of a proxy. */
export function asksLoopback(host: string | undefined, { port }: OwnNames): boolean {
  return LOOPBACK_NAMES.some((name) => host === `${name}:${port}`);
}
