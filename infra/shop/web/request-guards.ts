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

/** Lets in requests that only look at something, but for what is under the path of acts. */
export const lookingOnly =
  (acts: string): MiddlewareHandler =>
  async (context, next) => {
    const { req } = context;
    if (req.method === 'POST' && req.path.startsWith(`${acts}/`)) return next();
    if (req.method !== 'GET') {
      // What it brings is not read.
      return context.text('Only GET.', 405, { allow: 'GET', connection: 'close' });
    }
    if (Number(req.header('content-length') ?? 0) > 0 || req.header('transfer-encoding') !== undefined) {
      return context.text('A GET must not have a body.', 413, { connection: 'close' });
    }
    return next();
  };
