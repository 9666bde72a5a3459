import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, type RequestOptions, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import type { OwnNames } from '../../../../../infra/http/own-names.js';
import { linkFor } from '../../../../../infra/shop/web/addresses.js';
import { createWebApp } from '../../../../../infra/shop/web/app.js';
import { DeadLetterActions } from '../../../../../infra/shop/web/dead-letter-actions.js';
import { LinkBook } from '../../../../../infra/shop/web/links.js';
import { LiveShop } from '../../../../../infra/shop/web/live-shop.js';
import { ShopMetrics } from '../../../../../infra/shop/web/metrics.js';
import type { Holder } from '../../../../../infra/shop/web/pass.js';
import { runAgain } from '../../../../../infra/shop/web/run-again.js';
import { WebTraces } from '../../../../../infra/shop/web/traces.js';
import { parseCatalog } from '../../../../../lib/shop/domain/catalog.js';
import { type RecordingLog, recordingLog } from '../../../../support/broker/recording-log.js';

export const SECRET = Buffer.alloc(32, 7);
export const HOUR_MS = 3_600_000;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server of the pages, with a shop that the test fills itself. */
export interface Served {
  readonly origin: string;
  readonly shop: LiveShop;
  readonly log: RecordingLog;
  readonly links: LinkBook;
  get(path: string, headers?: Record<string, string>, options?: RequestOptions, body?: string): Promise<Answer>;
  /** Opens a link as a browser does; returns the cookie. */
  open(holder: Holder): Promise<string>;
  /** What arrives on a stream until `enough` returns true. */
  listen(path: string, cookie: string, enough: (text: string) => boolean): Promise<string>;
  close(): void;
}

export async function serve(more: Pick<OwnNames, 'publicOrigin'> = {}): Promise<Served> {
  const shop = new LiveShop();
  const catalog = parseCatalog({ customers_database: { 'customer-1': 'AX' }, cost_per_unit: 2, number_of_units: 5 });
  const page = { content: new Uint8Array(Buffer.from('<p>page</p>')), type: 'text/html', immutable: false };
  const files = new Map(['floor.html', 'customer.html', 'closed.html'].map((name) => [name, page]));
  const { signal } = new AbortController();
  const log = recordingLog();
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));
  const links = new LinkBook(folder);
  const acts = {
    // An address at which nothing answers.
    deadLetters: new DeadLetterActions({
      amqpUrl: 'amqp://127.0.0.1:1',
      log: recordingLog(),
      signal,
      onProgress: (action) => shop.updateStatus({ action }),
    }),
    sensor: async () => ({ statusCode: 202 }),
    runAgain: (queue: string, requestId: string) =>
      runAgain({ amqpUrl: 'amqp://127.0.0.1:1', log: recordingLog() }, queue, requestId),
    traces: new WebTraces(log),
  };
  const names = (): OwnNames => ({ hosts: ['127.0.0.1'], port: portOf(server), scheme: 'http', ...more });
  const app = createWebApp({
    shop,
    catalog: () => catalog,
    files,
    secret: SECRET,
    names,
    acts,
    metrics: new ShopMetrics(),
    links,
    traces: acts.traces,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${portOf(server)}`;
  const get: Served['get'] = async (path, headers = {}, options = {}, body = '') => {
    const asked = request(`${origin}${path}`, { headers, agent: false, ...options });
    asked.end(body);
    const [answer] = await once(asked, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() };
  };
  return {
    origin,
    shop,
    log,
    links,
    get,
    open: async (holder) => {
      const link = new URL(linkFor(origin, holder, Date.now() + HOUR_MS, SECRET));
      let answer = await get(`${link.pathname}${link.search}`);
      if (answer.headers['set-cookie'] === undefined) answer = await get(answer.headers.location ?? '');
      return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    },
    listen: async (path, cookie, enough) => {
      const asked = request(`${origin}${path}`, { headers: { cookie }, agent: false });
      asked.end();
      const [answer] = await once(asked, 'response');
      let text = '';
      for await (const chunk of answer) {
        text += chunk;
        if (enough(text)) break;
      }
      asked.destroy();
      return text;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
