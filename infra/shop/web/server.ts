import { fileURLToPath } from 'node:url';
import { shoppingSensor } from '../../../handlers/shopping-sensor.js';
import { createSender } from '../../../lib/lambda/function/publishing.js';
import type { BrokerAddress } from '../../../lib/rabbitmq/connection/address.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import { type ListenOptions, listen, type RunningServer } from '../../http/listen.js';
import type { OwnNames } from '../../http/own-names.js';
import { createWebApp } from './app.js';
import { DeadLetterActions } from './dead-letter-actions.js';
import type { LinkBook } from './links.js';
import { LiveShop } from './live-shop.js';
import { ShopMetrics } from './metrics.js';
import { readPageFiles } from './page-files.js';
import { runAgain } from './run-again.js';
import { WebTraces } from './traces.js';
import { watchShop } from './watch-shop.js';

export interface WebServerOptions extends Pick<ListenOptions, 'host' | 'port' | 'publicOrigin' | 'tls'> {
  readonly amqpUrl: BrokerAddress;
  readonly catalog: () => Catalog;
  readonly secret: Buffer;
  readonly links: LinkBook;
  readonly log: Log;
  /** Stops the server. */
  readonly signal: AbortSignal;
  /** The folder of the built pages. */
  readonly pagesFolder?: string;
}

const BUILT_PAGES = fileURLToPath(new URL('../../../web', import.meta.url));

export interface WebServer extends RunningServer {
  /** Resolves when everything that happens from then on is received. */
  readonly watching: Promise<void>;
}

/** Serves the pages of the shop. @throws Error if the port is in use or the pages are not built */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const {
    amqpUrl,
    catalog,
    secret,
    host,
    port,
    publicOrigin,
    tls,
    links,
    log,
    signal,
    pagesFolder = BUILT_PAGES,
  } = options;
  const files = await readPageFiles(pagesFolder);
  const metrics = new ShopMetrics();
  const shop = new LiveShop((events) => metrics.happened(events, Date.now()));
  const deadLetters = new DeadLetterActions({
    amqpUrl,
    log,
    signal,
    onProgress: (action) => shop.updateStatus({ action }),
  });
  const sender = createSender({ amqpUrl, name: 'shop floor', log });
  const traces = new WebTraces(log);
  const acts = {
    deadLetters,
    sensor: shoppingSensor(sender.publish),
    runAgain: (queue: string, requestId: string) => runAgain({ amqpUrl, log }, queue, requestId),
    traces,
  };
  const makeApp = (names: () => OwnNames) =>
    createWebApp({ shop, catalog, files, secret, names, acts, metrics, links, traces });
  // Pages listen forever, so a server that waits for them would never close.
  const { origin, ended } = await listen(makeApp, { host, port, publicOrigin, tls, signal, patient: false });
  const watched = watchShop({ amqpUrl, shop, metrics, log, signal });
  return { origin, watching: shop.begun, ended: Promise.all([watched, ended]).then(() => sender.close()) };
}
