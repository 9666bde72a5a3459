import { randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { LinkBook } from './links.js';
import { type Holder, type Pass, signPass, validPass } from './pass.js';
import type { WebTraces } from './traces.js';

export interface SessionOptions {
  readonly secret: Buffer;
  /** Cookies do not distinguish ports: two shops on one machine would get each other's. */
  readonly cookieName: () => string;
  /** Browsers reach it over TLS, and may send cookies only over TLS. */
  readonly isSecure: () => boolean;
  readonly links: LinkBook;
  readonly traces: WebTraces;
}

/** What a request shows about a user who was let in. */
export interface Admitted {
  readonly Variables: {
    /** The id of the session, which is its link's id. */
    readonly who: string;
  };
}

/** How long a browser stays let in after its link was opened: a day in the shop, and the evening. */
const SESSION_MS = 18 * 60 * 60 * 1000;

interface Door {
  readonly holder: Holder;
  readonly path: string;
}

/**
 * Lets a holder's browser in: with the token of a link, which is exchanged for a cookie of this path and removed from the address
 * at once, or with that cookie. Anyone else gets the answer of `closed`.
 */
export function admit(
  sessions: SessionOptions,
  { closed, ...door }: Door & { closed: (context: Context) => Response },
): MiddlewareHandler<Admitted> {
  const { secret, cookieName, links, traces } = sessions;
  const { holder } = door;
  return async (context, next) => {
    const now = Date.now();
    const good = (text: string | undefined, use: Pass['use']): Pass | undefined => {
      const pass = validPass(text, { use, holder }, secret, now);
      return pass?.id !== undefined && links.isRevoked(pass.id) ? undefined : pass;
    };
    const token = context.req.query('token');
    if (token !== undefined) {
      const link = good(token, 'link');
      if (link !== undefined) return letIn(context, sessions, { ...door, id: link.id });
      traces.refused(holder);
      return closed(context);
    }
    const session = good(getCookie(context, cookieName()), 'session');
    if (session === undefined) return closed(context);
    context.set('who', session.id ?? 'unknown');
    await next();
  };
}

/** Gives a browser its session, and sends it to its page. @param id of the link; without one, the session gets its own */
export function letIn(
  context: Context,
  { secret, cookieName, isSecure, traces }: SessionOptions,
  { holder, path, id = randomBytes(6).toString('hex') }: Door & { readonly id?: string | undefined },
): Response {
  const until = Date.now() + SESSION_MS;
  setCookie(context, cookieName(), signPass({ use: 'session', holder, until, id }, secret), {
    path,
    httpOnly: true,
    secure: isSecure(),
    // A strict cookie would not be sent after the redirect if the link was opened from a mail or a chat.
    sameSite: 'Lax',
    maxAge: SESSION_MS / 1000,
  });
  traces.letIn(holder, id);
  return context.redirect(path, 303);
}
