import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const ONLY = ["'self'"];
const NONE = ["'none'"];

/** Nothing but our own files runs or is shown in a page, whatever a product or a customer is called. */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: NONE,
    scriptSrc: ONLY,
    styleSrc: ONLY,
    imgSrc: ONLY,
    connectSrc: ONLY,
    baseUri: NONE,
    formAction: NONE,
    frameAncestors: NONE,
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: NONE,
  },
  // An address may carry a link's token.
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // Plain HTTP on loopback.
  strictTransportSecurity: false,
});

/** The names under which this server may be asked for. */
export interface OwnNames {
  readonly port: number;
  /** Beside loopback's own. */
  readonly host: string;
}

/**
 * Lets in requests that only look at something, for our own name, from our own pages. Another name in `Host` is a page
 * elsewhere that had its name rebound to this address; another `Origin` is a page elsewhere that asks openly.
 */
export function door(names: () => OwnNames): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    if (req.method !== 'GET') {
      // What it brings is not read.
      return context.text('Only GET.', 405, { allow: 'GET', connection: 'close' });
    }
    if (Number(req.header('content-length') ?? 0) > 0 || req.header('transfer-encoding') !== undefined) {
      return context.text('A GET brings nothing.', 413, { connection: 'close' });
    }
    const hosts = hostsOf(names());
    if (!hosts.includes(req.header('host') ?? '')) return context.text('This server has another name.', 421);
    const origin = req.header('origin');
    if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) {
      return context.text('Asked by a page of another origin.', 403);
    }
    await next();
  };
}

function hostsOf({ port, host }: OwnNames): string[] {
  const outside = host.includes(':') ? `[${host}]` : host;
  return ['127.0.0.1', 'localhost', '[::1]', outside].map((name) => `${name}:${port}`);
}
