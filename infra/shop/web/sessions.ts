import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { type Holder, passIsValid, signPass } from './pass.js';

export interface SessionOptions {
  readonly secret: Buffer;
  /** Cookies do not tell ports apart: two shops on one machine would take each other's. */
  readonly cookieName: () => string;
  /** Browsers reach it by TLS, and are to send cookies by that alone. */
  readonly isSecure: () => boolean;
}

/** How long a browser stays let in after its link was opened: a day in the shop, and the evening. */
const SESSION_MS = 18 * 60 * 60 * 1000;

/**
 * Lets a holder's browser in: with the token of a link, exchanged for a cookie of this path and taken out of the
 * address at once, or with that cookie. Anyone else gets what `closed` answers.
 */
export function admit(
  { secret, cookieName, isSecure }: SessionOptions,
  { holder, path, closed }: { holder: Holder; path: string; closed: (context: Context) => Response },
): MiddlewareHandler {
  return async (context, next) => {
    const now = Date.now();
    const token = context.req.query('token');
    if (token !== undefined) {
      if (!passIsValid(token, { use: 'link', holder }, secret, now)) return closed(context);
      return letIn(context, { secret, cookieName, isSecure }, { holder, path });
    }
    if (!passIsValid(getCookie(context, cookieName()), { use: 'session', holder }, secret, now)) return closed(context);
    await next();
  };
}

/** Gives a browser its session, and sends it to its page. */
export function letIn(
  context: Context,
  { secret, cookieName, isSecure }: SessionOptions,
  { holder, path }: { holder: Holder; path: string },
): Response {
  const until = Date.now() + SESSION_MS;
  setCookie(context, cookieName(), signPass({ use: 'session', holder, until }, secret), {
    path,
    httpOnly: true,
    secure: isSecure(),
    // Strict would not come back from the redirect when the link was opened in a mail or a chat.
    sameSite: 'Lax',
    maxAge: SESSION_MS / 1000,
  });
  return context.redirect(path, 303);
}
