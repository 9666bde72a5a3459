import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { type PrivateBroker, startPrivateBroker } from '../../../infra/broker/private-broker.js';
import { startCustomerApp } from '../../../infra/shop/roles/customer-app.js';
import { startWorker } from '../../../infra/shop/roles/worker.js';
import { linkFor } from '../../../infra/shop/web/addresses.js';
import { LinkBook } from '../../../infra/shop/web/links.js';
import type { Holder } from '../../../infra/shop/web/pass.js';
import { startWebServer } from '../../../infra/shop/web/server.js';
import { addressesIn } from '../../../lib/rabbitmq/connection/address.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../../lib/rabbitmq/dead-letters/list.js';
import { redrive } from '../../../lib/rabbitmq/dead-letters/redrive.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import { type Catalog, parseCatalog } from '../../../lib/shop/domain/catalog.js';
import type { ShoppingEventType } from '../../../lib/shop/domain/events.js';
import { shoppingEventMessage } from '../../../lib/shop/domain/messages.js';
import {
  CUSTOMER_APP_EVENTS,
  DEAD_LETTER_LOG,
  DEAD_LETTER_QUEUE,
  WORKER_QUEUES,
  workerOf,
  workerQueue,
} from '../../../lib/shop/domain/topology.js';

const PAGES = join(import.meta.dirname, '..', '..', '..', 'dist', 'web');
const SECRET = Buffer.alloc(32, 1);
const HOUR_MS = 3_600_000;

/** Of its own: one node, or a cluster. */
interface OwnBroker {
  readonly amqpUrl: string;
  stop(): Promise<void>;
}

/** A whole shop: a broker of its own, two workers and the pages. */
export interface Shop<Broker extends OwnBroker = PrivateBroker> {
  readonly broker: Broker;
  link(holder: Holder): string;
  /** Sends what the sensor sees; resolves when the broker has confirmed it. */
  see(type: ShoppingEventType, product: string, at?: Date): Promise<void>;
  /** Many pick ups. */
  seeAll(products: readonly string[]): Promise<void>;
  /** From now on collects what a customer is sent; returns it. */
  overhear(customer: string): Promise<() => Promise<readonly GetMessage[]>>;
  /** Publishes anything, anywhere. */
  publish(exchange: string, routingKey: string, messages: readonly { body: unknown; appId?: string }[]): Promise<void>;
  /** One more worker; resolves when it is ready, with what sends it away. */
  hire(id: string, queue: string): Promise<() => Promise<void>>;
  /** The app of a customer; resolves when it is ready, with what ends it. */
  openApp(customer: string): Promise<() => Promise<void>>;
  /** Without its messages. */
  deleteQueue(queue: string): Promise<void>;
  /** From now on the shop has this database. */
  learn(database: unknown): void;
  /** Like a foreign worker: negatively acknowledges an event, and nothing more. */
  refuse(event: object): Promise<void>;
  /** Sends every dead letter back. */
  redrive(): Promise<void>;
  restartPages(): Promise<void>;
  close(): Promise<void>;
}

export function openShop(database: unknown, log: Log): Promise<Shop> {
  return openShopOn((folder) => startPrivateBroker({ folder }), database, log);
}

export async function openShopOn<Broker extends OwnBroker>(
  start: (folder: string) => Promise<Broker>,
  database: unknown,
  log: Log,
): Promise<Shop<Broker>> {
  let catalog = parseCatalog(database);
  const today = () => catalog;
  const folder = await mkdtemp(join(tmpdir(), 'shop-pages-'));
  const broker = await start(join(folder, 'broker'));
  const { amqpUrl } = broker;
  const closing = new AbortController();
  const work = (id: string, queue: string, signal: AbortSignal) =>
    startWorker({ amqpUrl, id, queue, catalog: today, log, signal });
  const workers = WORKER_QUEUES.map((queue) => work(workerOf(queue), queue, closing.signal));
  for (const worker of workers) await worker.ready;
  let pages = await openPages(amqpUrl, today, log, 0);
  const publish: Shop['publish'] = async (exchange, routingKey, messages) => {
    await onConfirmChannel(amqpUrl, async (channel) => {
      for (const { body, appId } of messages) {
        const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
        const timestamp = Math.floor(Date.now() / 1000);
        channel.publish(exchange, routingKey, content, {
          persistent: true,
          timestamp,
          ...(appId !== undefined && { appId }),
        });
      }
      await channel.waitForConfirms();
    });
  };
  return {
    broker,
    link: (holder) => linkFor(pages.server.origin, holder, Date.now() + HOUR_MS, SECRET),
    see: async (type, product, at = new Date()) => {
      const { exchange, routingKey, body } = shoppingEventMessage({ type, product, timestamp: at.toISOString() }, '');
      await publish(exchange, routingKey, [{ body, appId: 'sensor' }]);
    },
    publish,
    seeAll: (products) =>
      onConfirmChannel(amqpUrl, async (channel) => {
        for (const product of products) {
          const timestamp = new Date().toISOString();
          const { exchange, routingKey, body } = shoppingEventMessage({ type: 'pick up', product, timestamp }, '');
          channel.publish(exchange, routingKey, Buffer.from(JSON.stringify(body)), {
            persistent: true,
            messageId: product,
          });
        }
        await channel.waitForConfirms();
      }),
    overhear: async (customer) => {
      const name = `overheard.${customer}`;
      await onConfirmChannel(amqpUrl, async (channel) => {
        await channel.assertQueue(name, { durable: true });
        await channel.bindQueue(name, CUSTOMER_APP_EVENTS, customer);
      });
      const messages: GetMessage[] = [];
      return async () => {
        await onConfirmChannel(amqpUrl, async (channel) => {
          for (
            let got = await channel.get(name, { noAck: true });
            got;
            got = await channel.get(name, { noAck: true })
          ) {
            messages.push(got);
          }
        });
        return messages;
      };
    },
    hire: async (id, queue) => {
      const leaving = new AbortController();
      const worker = work(id, queue, leaving.signal);
      await worker.ready;
      return async () => {
        leaving.abort();
        await worker.ended;
      };
    },
    openApp: async (customer) => {
      const leaving = new AbortController();
      const app = startCustomerApp({ amqpUrl, customer, log, signal: leaving.signal });
      await app.ready;
      return async () => {
        leaving.abort();
        await app.ended;
      };
    },
    deleteQueue: (queue) => onConfirmChannel(amqpUrl, async (channel) => void (await channel.deleteQueue(queue))),
    learn: (database) => {
      catalog = parseCatalog(database);
    },
    refuse: (event) =>
      onConfirmChannel(amqpUrl, async (channel) => {
        // Not a classic queue, because what is dead-lettered there never gets into a stream (tried with RabbitMQ 3.10.8).
        const { queues } = workerQueue('foreign');
        for (const { name, ...options } of queues) await channel.assertQueue(name, options);
        channel.sendToQueue('foreign', Buffer.from(JSON.stringify(event)));
        await channel.waitForConfirms();
        await new Promise<void>((resolve) => {
          void channel.consume('foreign', (message) => {
            if (message !== null) channel.nack(message, false, false);
            resolve();
          });
        });
      }),
    redrive: () => onConnection({ amqpUrl, connectionName: 'redrive', log }, redriveAll),
    restartPages: async () => {
      const port = Number(new URL(pages.server.origin).port);
      await pages.close();
      pages = await openPages(amqpUrl, today, log, port);
    },
    close: async () => {
      await pages.close();
      closing.abort();
      for (const worker of workers) await worker.ended;
      await broker.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function openPages(amqpUrl: string, catalog: () => Catalog, log: Log, port: number) {
  const closing = new AbortController();
  const server = await startWebServer({
    amqpUrl,
    catalog,
    secret: SECRET,
    links: new LinkBook(join(tmpdir(), `links-${randomUUID()}`)),
    host: '127.0.0.1',
    port,
    log,
    signal: closing.signal,
    pagesFolder: PAGES,
  });
  return {
    server,
    close: async () => {
      closing.abort();
      await server.ended;
    },
  };
}

async function redriveAll(connection: Connection): Promise<void> {
  const places = { queue: DEAD_LETTER_QUEUE, log: DEAD_LETTER_LOG, signal: new AbortController().signal };
  const { letters } = await listDeadLetters(connection, places);
  const reasons = new Map(letters.map(({ id, reason }) => [id, reason]));
  await redrive(connection, { ...places, by: 'the test', reasons });
}

async function onConfirmChannel(amqpUrl: string, use: (channel: ConfirmChannel) => Promise<void>): Promise<void> {
  // Of a cluster the last node.
  const connection = await connect(addressesIn(amqpUrl).at(-1) ?? amqpUrl);
  try {
    const channel = await connection.createConfirmChannel();
    await use(channel);
    // The end of a connection may overtake what a channel has written.
    await channel.close();
  } finally {
    await connection.close();
  }
}
