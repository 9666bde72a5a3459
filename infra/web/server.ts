import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import type { Log } from '../../lib/rabbitmq/log.js';
import type { Catalog } from '../../lib/shop/catalog.js';
import { createWebApp } from './app.js';
import { LiveShop } from './live-shop.js';
import { readPageFiles } from './page-files.js';
import { watchShop } from './watch-shop.js';

export interface WebServerOptions {
  readonly amqpUrl: string;
  readonly catalog: () => Catalog;
  readonly secret: Buffer;
  /** The interface to listen on, and a name to be asked for. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly log: Log;
  /** Stops the server. */
  readonly signal: AbortSignal;
  /** Where the built pages are. */
  readonly pagesFolder?: string;
}

export interface WebServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** Resolves when the server has stopped and its connections are closed. */
  readonly ended: Promise<void>;
}

const BUILT_PAGES = fileURLToPath(new URL('../../web', import.meta.url));
const CONNECTIONS_AT_MOST = 500;

/** Serves the pages of the shop. @throws Error if the port is taken or the pages are not built. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { amqpUrl, catalog, secret, host, log, signal, pagesFolder = BUILT_PAGES } = options;
  const files = await readPageFiles(pagesFolder);
  const shop = new LiveShop();
  const app = createWebApp({ shop, catalog, files, secret, names: () => ({ host, port: portOf(server) }) });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.maxConnections = CONNECTIONS_AT_MOST;
  server.listen(options.port, host);
  await once(server, 'listening');
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    origin: `http://${name}:${portOf(server)}`,
    ended: Promise.all([watchShop({ amqpUrl, shop, catalog, log, signal }), closed(server, signal)]).then(
      () => undefined,
    ),
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

/** Pages listen for ever, so a server that waits for them would never close. */
async function closed(server: Server, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
