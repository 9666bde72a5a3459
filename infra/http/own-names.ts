import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { MiddlewareHandler } from 'hono';

/** The names under which a server may be asked for. */
export interface OwnNames {
  readonly port: number;
  /** Beside loopback's own. */
  readonly hosts: readonly string[];
}

/** What stands for every address of this machine. */
const EVERY_ADDRESS = ['0.0.0.0', '::'];

/**
 * The names of a server that listens on a host, the best to give to others first: where it listens on every address, those
 * that other machines can reach.
 */
export function namesOf(host: string): readonly string[] {
  if (!EVERY_ADDRESS.includes(host)) return [inUrl(host)];
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const outside = addresses.filter(({ internal, scopeid }) => !internal && !scopeid);
  const reachable = outside.filter(({ family }) => family === 'IPv4' || host === '::');
  const sorted = reachable.sort((one, other) => one.family.localeCompare(other.family));
  return [...sorted.map(({ address }) => inUrl(address)), '127.0.0.1'];
}

/** An address of IPv6 stands in brackets (RFC 3986). */
function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/**
 * Lets in requests for our own name, from no page but our own. Another name in `Host` is a page elsewhere that had its
 * name rebound to this address; another `Origin` is a page elsewhere that asks openly.
 */
export function ownNamesOnly(names: () => OwnNames): MiddlewareHandler {
  return async (context, next) => {
    const hosts = hostsOf(names());
    if (!hosts.includes(context.req.header('host') ?? '')) return context.text('This server has another name.', 421);
    const origin = context.req.header('origin');
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) {
      return context.text('Requests from pages of another origin are refused.', 403);
    }
    await next();
  };
}

function hostsOf({ port, hosts }: OwnNames): string[] {
  return ['127.0.0.1', 'localhost', '[::1]', ...hosts].map((name) => `${name}:${port}`);
}
