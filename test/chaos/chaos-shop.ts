import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { vi } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { madeUpDatabase } from '../../infra/shop/load/made-up-database.js';
import { shopTopology } from '../../infra/shop/topology/shop-topology.js';
import { createSender, type Sender } from '../../lib/lambda/function/publishing.js';
import { onConnection } from '../../lib/rabbitmq/connection/connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';
import { BILLING_EVENTS, DEAD_LETTER_QUEUE } from '../../lib/shop/domain/topology.js';
import type { WireBill } from '../../lib/shop/domain/wire.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { openProxy } from '../support/broker/proxy.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { type Fleet, startFleet } from './worker-fleet.js';

/** A whole shop to do harm to: a broker of its own, workers behind proxies, a sensor, and a till that takes everything. */
export interface ChaosShop {
  readonly broker: PrivateBroker;
  readonly fleet: Fleet;
  readonly sender: Sender;
  readonly collected: {
    readonly bills: { readonly id: string; readonly body: WireBill }[];
    /** Ids, each once: the till gets some again when its own connection is lost. */
    readonly deadLetters: Set<string>;
  };
  /** From now on RabbitMQ accepts no bill, and the till takes none: else there would be room again. */
  refuseBills(): Promise<void>;
  acceptBills(): Promise<void>;
  close(): Promise<void>;
}

export async function openChaosShop(queues: readonly string[], products: number): Promise<ChaosShop> {
  const folder = await newFolder();
  const broker = await startPrivateBroker({ folder });
  const { amqpUrl } = broker;
  await onConnection({ amqpUrl, connectionName: 'chaos', log: recordingLog() }, (connection) =>
    declareTopology(connection, shopTopology(), recordingLog()),
  );
  await sleep(YOUNG_QUEUE_MS);
  const database = join(folder, 'database.json');
  writeFileSync(database, madeUpDatabase(products));
  const behindProxies = await Promise.all(queues.map(async (queue) => ({ queue, proxy: await openProxy(amqpUrl) })));
  const fleet = await startFleet(behindProxies, database);
  const ready = () => fleet.complaints.filter((text) => text.includes('is ready on')).length;
  await vi.waitUntil(() => ready() === queues.length, { timeout: 60_000 });
  const sender = createSender({ amqpUrl, name: 'chaos', log: recordingLog(), timeoutMs: 5_000 });
  const collected: ChaosShop['collected'] = { bills: [], deadLetters: new Set() };
  let till = openTill(amqpUrl, collected);
  return {
    broker,
    fleet,
    sender,
    collected,
    refuseBills: async () => {
      await till.close();
      const definition = '{"max-length":1,"overflow":"reject-publish"}';
      await broker.ctl('set_policy', 'refuse', `^${BILLING_EVENTS}$`, definition, '--apply-to', 'queues');
    },
    acceptBills: async () => {
      await broker.ctl('clear_policy', 'refuse');
      till = openTill(amqpUrl, collected);
    },
    close: async () => {
      await till.close();
      await fleet.stop();
      await sender.close();
      await Promise.all(behindProxies.map(({ proxy }) => proxy.close()));
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
  while (!signal.aborted) {
    const model = await connect(amqpUrl).catch(() => undefined);
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
      // The broker has cancelled the consumer: begin anew.
      if (delivery === null) return void model.close().catch(() => undefined);
      keep(String(delivery.properties.messageId), delivery);
      channel.ack(delivery);
    });
  };
  await take(BILLING_EVENTS, (id, { content }) => void bills.push({ id, body: JSON.parse(content.toString()) }));
  await take(DEAD_LETTER_QUEUE, (id) => void deadLetters.add(id));
  await lost;
  await model.close().catch(() => undefined);
}
