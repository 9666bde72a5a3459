import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const ONLY = ["'self'"];
const NONE = ["'none'"];

/** A page runs and shows nothing but our own files, whatever a product or a customer is called. */
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
  // An address may contain a link's token.
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // Plain HTTP on loopback.
  strictTransportSecurity: false,
});

/** Accepts requests that only read, except below the path of actions. */
export const lookingOnly =
  (acts: string): MiddlewareHandler =>
  async (context, next) => {
    const { req } = context;
    if (req.method === 'POST' && req.path.startsWith(`${acts}/`)) return next();
    if (req.method !== 'GET') {
      // Its body is not read.
      return context.text('Only GET.', 405, { allow: 'GET', connection: 'close' });
    }
    if (Number(req.header('content-length') ?? 0) > 0 || req.header('transfer-encoding') !== undefined) {
      return context.text('A GET must not have a body.', 413, { connection: 'close' });
    }
    return next();
  };
