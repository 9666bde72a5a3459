import { type Context, Hono } from 'hono';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import { isCustomerId, isProductNumber } from '../../../lib/shop/domain/names.js';
import { asksLoopback, type OwnNames, ownNamesOnly } from '../../http/own-names.js';
import { ACTS_PATH, customerPath, FLOOR_PATH, hasOwnPath, linkFor, OPEN_PATH } from './addresses.js';
import { findGoods } from './find-goods.js';
import type { LinkBook } from './links.js';
import type { LiveShop } from './live-shop.js';
import type { ShopMetrics } from './metrics.js';
import { streamNews } from './news-stream.js';
import { type OperatorActions, operatorApp } from './operator-actions.js';
import { tellOwner } from './owner.js';
import type { PageFile } from './page-files.js';
import type { CustomerPageMessage, FloorMessage, FloorStatus, GoodsMessage } from './page-messages.js';
import { operatorCodeIsValid } from './pass.js';
import { lookingOnly, securityHeaders } from './request-guards.js';
import { type Admitted, admit, letIn, type SessionOptions } from './sessions.js';
import type { WebTraces } from './traces.js';

export interface WebAppOptions {
  readonly shop: LiveShop;
  readonly catalog: () => Catalog;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly secret: Buffer;
  readonly names: () => OwnNames;
  readonly acts: OperatorActions;
  readonly metrics: ShopMetrics;
  readonly links: LinkBook;
  readonly traces: WebTraces;
}

/**
 * Every open page costs memory and a connection. Operators and customers have separate limits, so neither can use up the other's.
 */
const FLOOR_PAGES = 50;
const CUSTOMER_PAGES = 300;
const PAGES_PER_CUSTOMER = 10;
/** A session of an operator. */
const CUSTOMER_LINK_MS = 60 * 60 * 1_000;

/** The pages, their data, and an operator's actions. Everything except the actions is a GET. */
export function createWebApp(options: WebAppOptions): Hono<Admitted> {
  const { names, secret, files, acts, links, traces } = options;
  const sessions: SessionOptions = {
    secret,
    cookieName: () => `smart_shopping_${names().port}`,
    links,
    traces,
    isSecure: () => names().scheme === 'https' || names().publicOrigin !== undefined,
  };
  const page = pageResponder(files);
  const serving: Serving = { ...options, sessions, page, closed: (context) => page(context, 'closed.html', 401) };
  const app = new Hono<Admitted>();
  app.use(securityHeaders, lookingOnly(ACTS_PATH), ownNamesOnly(names), async (context, next) => {
    await next();
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store');
  });
  app.onError((_, context) => context.text('Something went wrong.', 500));
  app.notFound((context) => context.text('There is no such page.', 404));
  serveFloor(app, serving);
  app.route(ACTS_PATH, operatorApp(acts));
  serveCustomers(app, serving);
  serveMonitoring(app, options);
  app.get('/assets/:file', (context) => page(context, `assets/${context.req.param('file')}`));
  app.get('/favicon.svg', (context) => page(context, 'favicon.svg'));
  return app;
}

interface Serving extends WebAppOptions {
  readonly sessions: SessionOptions;
  readonly page: ReturnType<typeof pageResponder>;
  readonly closed: (context: Context) => Response;
}

function serveFloor(
  app: Hono<Admitted>,
  { shop, catalog, secret, names, links, traces, sessions, page, closed }: Serving,
): void {
  const session = { holder: { role: 'operator' }, path: FLOOR_PATH } as const;
  const status = (): FloorStatus => ({ ...shop.status, currency: catalog().currency });
  const operator = admit(sessions, { ...session, closed });
  app.get('/', (context) => {
    const { search } = new URL(context.req.url);
    return context.redirect(`${FLOOR_PATH}${search}`, 303);
  });
  app.get(`${OPEN_PATH}/:code`, (context) =>
    operatorCodeIsValid(context.req.param('code'), secret, Date.now())
      ? letIn(context, sessions, session)
      : closed(context),
  );
  app.use(FLOOR_PATH, operator);
  app.use(`${FLOOR_PATH}/*`, operator);
  app.get(FLOOR_PATH, (context) => page(context, 'floor.html'));
  app.get(`${FLOOR_PATH}/snapshot`, (context) =>
    context.json({ snapshot: shop.floor, status: status() } satisfies FloorMessage),
  );
  app.get(`${FLOOR_PATH}/owner`, (context) => {
    const product = context.req.query('product') ?? '';
    if (!isProductNumber(product)) return context.text('Name a product, of 255 bytes at most.', 400);
    return context.json(tellOwner(product, shop.floor, shop.status));
  });
  app.get(`${FLOOR_PATH}/goods`, (context) => {
    const words = context.req.query('find') ?? '';
    return context.json(findGoods(words, catalog()) satisfies GoodsMessage);
  });
  app.get(`${FLOOR_PATH}/customer`, async (context) => {
    const customer = context.req.query('name') ?? '';
    if (!isCustomerId(customer) || !hasOwnPath(customer)) return context.text('There is no such customer.', 404);
    const holder = { role: 'customer', customer } as const;
    const at = Date.now();
    const until = at + CUSTOMER_LINK_MS;
    const link = await links.add({ customer, by: `the shop floor, session ${context.get('who')}`, at, until });
    traces.linkMade(link);
    const origin = names().publicOrigin ?? new URL(context.req.url).origin;
    return context.redirect(linkFor(origin, holder, until, secret, link.id), 303);
  });
  app.get(`${FLOOR_PATH}/live`, (context) => {
    if (shop.floorPages >= FLOOR_PAGES) return context.text('Too many pages are open.', 503);
    return streamNews(
      context,
      (signal) => shop.watchFloor(signal),
      ({ snapshotDue, items, statusDue }): FloorMessage => ({
        ...(snapshotDue && { snapshot: shop.floor }),
        ...(items.length > 0 && { events: items }),
        ...(statusDue && { status: status() }),
      }),
    );
  });
}

function serveCustomers(app: Hono<Admitted>, { shop, catalog, sessions, page, closed }: Serving): void {
  const status = () => ({
    connected: shop.status.connected,
    price: catalog().price,
    currency: catalog().currency,
  });
  const owner: ReturnType<typeof admit> = (context, next) => {
    const customer = context.req.param('customer') ?? '';
    return admit(sessions, { holder: { role: 'customer', customer }, path: customerPath(customer), closed })(
      context,
      next,
    );
  };
  app.use('/customers/:customer', owner);
  app.use('/customers/:customer/*', owner);
  app.get('/customers/:customer', (context) => page(context, 'customer.html'));
  app.get('/customers/:customer/snapshot', (context) =>
    context.json({
      snapshot: shop.viewOf(context.req.param('customer')),
      status: status(),
    } satisfies CustomerPageMessage),
  );
  app.get('/customers/:customer/live', (context) => {
    const customer = context.req.param('customer');
    const isFull = shop.customerPages >= CUSTOMER_PAGES || shop.pagesOf(customer) >= PAGES_PER_CUSTOMER;
    if (isFull) return context.text('Too many pages are open.', 503);
    return streamNews(
      context,
      (signal) => shop.watchCustomer(customer, signal),
      ({ snapshotDue, items, statusDue }): CustomerPageMessage => ({
        ...(snapshotDue && { snapshot: shop.viewOf(customer) }),
        ...(items.length > 0 && { received: items }),
        ...(statusDue && { status: status() }),
      }),
    );
  });
}

/** Metrics are for this machine, and not for anyone who reaches the pages by their public name. */
function serveMonitoring(app: Hono<Admitted>, { shop, metrics, names }: WebAppOptions): void {
  app.get('/metrics', async (context) => {
    const isPublic = names().publicOrigin !== undefined && !asksLoopback(context.req.header('host'), names());
    if (isPublic) return context.text('There is no such page.', 404);
    shop.scraped();
    return context.body(await metrics.text(shop.status), 200, { 'content-type': metrics.contentType });
  });
  app.get('/healthz', (context) => context.json({ status: 'up' }));
  app.get('/readyz', (context) => {
    const { connected } = shop.status;
    return context.json({ status: connected ? 'ready' : 'waiting for the broker' }, connected ? 200 : 503);
  });
}

function pageResponder(files: ReadonlyMap<string, PageFile>) {
  return (context: Context, name: string, status: 200 | 401 = 200): Response => {
    const file = files.get(name);
    if (file === undefined) return context.text('There is no such page.', 404);
    return context.body(file.content, status, {
      'content-type': file.type,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-store',
    });
  };
}
