import type { MiddlewareHandler } from 'hono';

/** The names under which a server may be asked for. */
export interface OwnNames {
  readonly port: number;
  /** Beside loopback's own. */
  readonly host: string;
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
      return context.text('Asked by a page of another origin.', 403);
    }
    await next();
  };
}

function hostsOf({ port, host }: OwnNames): string[] {
  const outside = host.includes(':') ? `[${host}]` : host;
  return ['127.0.0.1', 'localhost', '[::1]', outside].map((name) => `${name}:${port}`);
}
