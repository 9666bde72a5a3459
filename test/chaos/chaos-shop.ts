import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { vi } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { madeUpDatabase } from '../../infra/shop/load/made-up-database.js';
import { shopTopology } from '../../infra/shop/topology/shop-topology.js';
import { createSender, type Sender } from '../../lib/lambda/function/publishing.js';
import { addressesIn } from '../../lib/rabbitmq/connection/address.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';
import { BILLING_EVENTS, DEAD_LETTER_QUEUE } from '../../lib/shop/domain/topology.js';
import type { WireBill } from '../../lib/shop/domain/wire.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { type NetworkProxy, openProxy } from '../support/broker/proxy.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { type Fleet, startFleet, type WorkerPlace } from './worker-fleet.js';

/** Workers, a sensor, and a till that takes everything, to inject faults into. */
export interface ShopUnderTest<Place extends WorkerPlace = WorkerPlace> {
  readonly fleet: Fleet<Place>;
  readonly sender: Sender;
  readonly collected: {
    /** `at` in milliseconds of `performance.now()`. */
    readonly bills: { readonly id: string; readonly body: WireBill; readonly at: number }[];
    /** Ids, each once: the till gets some of them again when its own connection is lost. */
    readonly deadLetters: Set<string>;
  };
  closeTill(): Promise<void>;
  openTill(): void;
  close(): Promise<void>;
}

/** Opens a shop with a worker at each place, on an empty broker. */
export async function openShopOn<Place extends WorkerPlace>(
  amqpUrl: string,
  places: readonly Place[],
  products: number,
): Promise<ShopUnderTest<Place>> {
  await onConnection({ amqpUrl, connectionName: 'chaos', log: recordingLog() }, (connection) =>
    declareTopology(connection, shopTopology(), recordingLog()),
  );
  await sleep(YOUNG_QUEUE_MS);
  const database = join(await newFolder(), 'database.json');
  writeFileSync(database, madeUpDatabase(products));
  const fleet = await startFleet(places, database);
  const ready = () => fleet.complaints.filter((text) => text.includes('is ready on')).length;
  await vi.waitUntil(() => ready() === places.length, { timeout: 60_000 });
  const sender = createSender({ amqpUrl, name: 'chaos', log: recordingLog(), timeoutMs: 5_000 });
  const collected: ShopUnderTest['collected'] = { bills: [], deadLetters: new Set() };
  let till = openTill(amqpUrl, collected);
  return {
    fleet,
    sender,
    collected,
    closeTill: () => till.close(),
    openTill: () => {
      till = openTill(amqpUrl, collected);
    },
    close: async () => {
      await till.close();
      await fleet.stop();
      await sender.close();
    },
  };
}

/** A whole shop on a broker of its own, its workers behind proxies. */
export interface ChaosShop extends ShopUnderTest<WorkerPlace & { readonly proxy: NetworkProxy }> {
  readonly broker: PrivateBroker;
  /** From now on RabbitMQ accepts no bill, and the till takes none, so that there is no room again. */
  refuseBills(): Promise<void>;
  acceptBills(): Promise<void>;
}

export async function openChaosShop(queues: readonly string[], products: number): Promise<ChaosShop> {
  const broker = await startPrivateBroker({ folder: await newFolder() });
  const places = await Promise.all(
    queues.map(async (queue) => {
      const proxy = await openProxy(broker.amqpUrl);
      return { queue, proxy, amqpUrl: proxy.url };
    }),
  );
  const shop = await openShopOn(broker.amqpUrl, places, products);
  return {
    ...shop,
    broker,
    refuseBills: async () => {
      await shop.closeTill();
      const definition = '{"max-length":1,"overflow":"reject-publish"}';
      await broker.ctl('set_policy', 'refuse', `^${BILLING_EVENTS}$`, definition, '--apply-to', 'queues');
    },
    acceptBills: async () => {
      await broker.ctl('clear_policy', 'refuse');
      shop.openTill();
    },
    close: async () => {
      await shop.close();
      await Promise.all(places.map(({ proxy }) => proxy.close()));
      await broker.stop();
      await removeFolders();
    },
  };
}

function openTill(amqpUrl: string, collected: ChaosShop['collected']) {
  const closing = new AbortController();
  const closed = collect(amqpUrl, collected, closing.signal);
  return {
    close: () => {
      closing.abort();
      return closed;
    },
  };
}

/** Takes every bill and every dead letter, through whatever happens to its own connection. */
async function collect(amqpUrl: string, collected: ChaosShop['collected'], signal: AbortSignal): Promise<void> {
  const addresses = addressesIn(amqpUrl);
  for (let turn = 0; !signal.aborted; turn++) {
    // Those behind a node that hangs are noticed in four seconds.
    const address = `${addresses[turn % addresses.length]}?heartbeat=2`;
    const model = await connect(address, { timeout: 2_000 }).catch(() => undefined);
    if (model === undefined) await sleep(100);
    else await collectOn(model, collected, signal).catch(() => undefined);
  }
}

async function collectOn(
  model: ChannelModel,
  { bills, deadLetters }: ChaosShop['collected'],
  signal: AbortSignal,
): Promise<void> {
  const lost = new Promise<void>((resolve) => {
    const over = (): void => {
      signal.removeEventListener('abort', over);
      resolve();
    };
    model.on('close', over);
    signal.addEventListener('abort', over);
  });
  model.on('error', () => undefined);
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  await channel.prefetch(1_000);
  const take = async (queue: string, keep: (id: string, delivery: ConsumeMessage) => void): Promise<void> => {
    await channel.consume(queue, (delivery) => {
      // The broker has cancelled the consumer: start over.
      if (delivery === null) return void model.close().catch(() => undefined);
      keep(String(delivery.properties.messageId), delivery);
      channel.ack(delivery);
    });
  };
  await take(
    BILLING_EVENTS,
    (id, { content }) => void bills.push({ id, body: JSON.parse(content.toString()), at: performance.now() }),
  );
  await take(DEAD_LETTER_QUEUE, (id) => void deadLetters.add(id));
  await lost;
  await model.close().catch(() => undefined);
}
