import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { madeUpDatabase } from '../../infra/load/made-up-database.js';
import { shopTopology } from '../../infra/topology/shop-topology.js';
import { createSender, type Sender } from '../../lib/lambda/publishing.js';
import { openConnection } from '../../lib/rabbitmq/connection/connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';
import { shoppingEventMessage } from '../../lib/shop/messages.js';
import { BILLING_EVENTS, DEAD_LETTER_QUEUE } from '../../lib/shop/topology.js';
import type { WireBill } from '../../lib/shop/wire.js';
import { newFolder, removeFolders } from '../broker/support/leftovers.js';
import { type NetworkProxy, openProxy } from '../broker/support/proxy.js';
import { recordingLog } from '../broker/support/recording-log.js';
import { examine, type Purchase } from './history.js';
import { Random } from './random.js';
import { type Fleet, type FleetWorker, startFleet } from './worker-fleet.js';

/** The same seed gives the same traffic and the same faults in the same order; how they meet is up to the machine. */
const SEED = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PRODUCTS = 400;
/** Each is a pick up and a purchase of every product; there are as many more as the faults take. */
const ROUNDS_AT_LEAST = 25;
/** How often every fault comes. */
const FAULT_ROUNDS = Number(process.env['SOAK_FAULT_ROUNDS'] ?? 2);
const LANES = 16;
const QUEUES = ['worker01_queue', 'worker02_queue', 'worker03_queue'];
/** On average, between two batches of a lane: the faults must meet traffic. */
const PAUSE_MS = 700;
const PATIENCE_MS = 240_000;

let broker: PrivateBroker;
let proxies: NetworkProxy[];
let fleet: Fleet;
let sender: Sender;
const collected = { bills: [] as { id: string; body: WireBill }[], deadLetters: [] as string[] };
const collecting = new AbortController();
let collector: Promise<void>;

beforeAll(async () => {
  const folder = await newFolder();
  broker = await startPrivateBroker({ folder });
  const connection = await openConnection({ amqpUrl: broker.amqpUrl, connectionName: 'soak', log: recordingLog() });
  await declareTopology(connection, shopTopology(), recordingLog());
  await connection.close();
  await sleep(YOUNG_QUEUE_MS);
  const database = join(folder, 'database.json');
  writeFileSync(database, madeUpDatabase(PRODUCTS));
  proxies = await Promise.all([...QUEUES, QUEUES[0]].map(() => openProxy(broker.amqpUrl)));
  const queues = [...QUEUES, QUEUES[0] as string];
  fleet = await startFleet(
    queues.map((queue, index) => ({ queue, proxy: proxies[index] as NetworkProxy })),
    database,
  );
  const ready = () => fleet.complaints.filter((text) => text.includes('is ready on')).length;
  await vi.waitUntil(() => ready() === queues.length, { timeout: 60_000 });
  sender = createSender({ amqpUrl: broker.amqpUrl, name: 'soak', log: recordingLog(), timeoutMs: 5_000 });
  collector = collect();
}, 120_000);

afterAll(async () => {
  collecting.abort();
  await collector;
  await fleet.stop();
  await sender.close();
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await broker.stop();
  await removeFolders();
}, 120_000);

/** The till: takes every bill and every dead letter, through whatever happens to its own connection. */
async function collect(): Promise<void> {
  while (!collecting.signal.aborted) {
    const model = await connect(broker.amqpUrl).catch(() => undefined);
    if (model === undefined) await sleep(100);
    else await collectOn(model).catch(() => undefined);
  }
}

async function collectOn(model: ChannelModel): Promise<void> {
  const lost = new Promise<void>((resolve) => {
    model.on('close', () => resolve());
    collecting.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  model.on('error', () => undefined);
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  await channel.prefetch(1_000);
  const take =
    (keep: (id: string, content: Buffer) => void) =>
    (delivery: Parameters<Parameters<typeof channel.consume>[1]>[0]) => {
      if (delivery === null) return void model.close().catch(() => undefined);
      keep(String(delivery.properties.messageId), delivery.content);
      channel.ack(delivery);
    };
  await channel.consume(
    BILLING_EVENTS,
    take((id, content) => collected.bills.push({ id, body: JSON.parse(content.toString()) as WireBill })),
  );
  await channel.consume(
    DEAD_LETTER_QUEUE,
    take((id) => {
      // The till itself gets some twice when its own connection is lost.
      if (!collected.deadLetters.includes(id)) collected.deadLetters.push(id);
    }),
  );
  await lost;
  await model.close().catch(() => undefined);
}

interface Event {
  readonly type: 'pick up' | 'purchase';
  readonly product: string;
  readonly timestamp: string;
}

const timestampOf = (round: number, step: 0 | 1): string =>
  new Date(Date.UTC(2026, 0, 1) + round * 2_000 + step * 1_000).toISOString();

/** Sends until the broker has confirmed; now and then everything twice. */
async function send(events: readonly Event[], random: Random): Promise<void> {
  const messages = events.map((event) =>
    shoppingEventMessage(event, `${event.product} ${event.type} ${event.timestamp}`),
  );
  for (let copies = random.next() < 0.05 ? 2 : 1; copies > 0; ) {
    await sender.publish(messages).then(
      () => copies--,
      () => sleep(200),
    );
  }
}

async function shop(lane: number, until: () => boolean, purchases: Purchase[], strangers: string[]): Promise<void> {
  const random = new Random(SEED + lane);
  const width = String(PRODUCTS).length;
  const products = Array.from(
    { length: PRODUCTS / LANES },
    (_, index) => `P-${String(lane + 1 + index * LANES).padStart(width, '0')}`,
  );
  for (let round = 0; round < ROUNDS_AT_LEAST || !until(); round++) {
    const [pickedUpAt, purchasedAt] = [timestampOf(round, 0), timestampOf(round, 1)];
    await send(
      products.map((product) => ({ type: 'pick up', product, timestamp: pickedUpAt })),
      random,
    );
    await sleep(random.next() * 2 * PAUSE_MS);
    await send(
      products.map((product) => ({ type: 'purchase', product, timestamp: purchasedAt })),
      random,
    );
    purchases.push(...products.map((product) => ({ product, pickedUpAt, purchasedAt })));
    if (random.next() < 0.2) {
      const stranger = { type: 'pick up', product: `unknown ${lane} ${round}`, timestamp: pickedUpAt } as const;
      await send([stranger], random);
      strangers.push(`${stranger.product} ${stranger.type} ${stranger.timestamp}`);
    }
  }
}

interface Fault {
  readonly name: string;
  /** Whom it hits. */
  readonly hits: 'one' | 'all';
  readonly inject: (worker: FleetWorker) => unknown;
}

const FAULTS: readonly Fault[] = [
  { name: 'worker killed -9', hits: 'one', inject: (worker) => worker.kill('SIGKILL') },
  { name: 'worker stopped and started', hits: 'one', inject: (worker) => worker.kill('SIGTERM') },
  {
    name: 'worker asleep for two seconds',
    hits: 'one',
    inject: async (worker) => {
      worker.kill('SIGSTOP');
      await sleep(2_000);
      worker.kill('SIGCONT');
    },
  },
  { name: 'connection reset', hits: 'one', inject: ({ proxy }) => proxy.cut() },
  { name: 'connection cut in mid-frame', hits: 'one', inject: ({ proxy }) => proxy.cutMidFrame() },
  {
    name: 'connection silent for two seconds, then reset',
    hits: 'one',
    inject: async ({ proxy }) => {
      proxy.freeze();
      await sleep(2_000);
      proxy.thaw();
    },
  },
  {
    name: 'all connections closed by the broker',
    hits: 'all',
    inject: () => broker.ctl('close_all_connections', 'soak'),
  },
  {
    name: 'broker killed -9',
    hits: 'all',
    inject: async () => {
      await broker.kill();
      await broker.restart();
    },
  },
  {
    name: 'billing queue refuses for two seconds',
    hits: 'all',
    inject: async () => {
      const definition = '{"max-length-bytes":1,"overflow":"reject-publish"}';
      await broker.ctl('set_policy', 'refuse', `^${BILLING_EVENTS}$`, definition, '--apply-to', 'queues');
      await sleep(2_000);
      await broker.ctl('clear_policy', 'refuse');
    },
  },
];

it(`loses nothing and bills nothing twice, whatever happens (SOAK_SEED=${SEED})`, { timeout: 900_000 }, async () => {
  console.log(`SOAK_SEED=${SEED}`);
  const purchases: Purchase[] = [];
  const strangers: string[] = [];
  const recoveries = new Map<string, number[]>();
  const startedAt = performance.now();
  let faultsLeft = FAULT_ROUNDS * FAULTS.length;

  const nemesis = (async () => {
    const random = new Random(SEED);
    while (faultsLeft > 0) {
      for (const fault of random.shuffle(FAULTS)) {
        await sleep(random.next() * 1_000);
        const worker = random.pick(fleet.workers);
        const hit = fault.hits === 'all' ? fleet.workers.slice(0, QUEUES.length) : [worker];
        await fault.inject(worker);
        const from = performance.now();
        await Promise.all(hit.map((one) => one.next()));
        recoveries.set(fault.name, [...(recoveries.get(fault.name) ?? []), performance.now() - from]);
        faultsLeft--;
      }
    }
  })();
  const until = () => faultsLeft === 0;
  await Promise.all(Array.from({ length: LANES }, (_, lane) => shop(lane, until, purchases, strangers)));
  await nemesis;
  const sentAfter = performance.now() - startedAt;

  const findings = () => examine({ purchases, strangers, ...collected, settled: fleet.settled });
  const deadline = performance.now() + PATIENCE_MS;
  const missing = () => findings().wrong.some((what) => /^(lost|a stranger)/.test(what));
  while (missing() && performance.now() < deadline) await sleep(500);
  // What comes late must not be a second bill.
  await sleep(2_000);
  const { wrong, repeatedBills } = findings();
  console.log(
    [
      `${2 * purchases.length} events in ${Math.round(sentAfter / 1000)} s, ${strangers.length} strangers, ${fleet.starts()} worker starts`,
      `wrong: ${wrong.length}; bills that came again under the same id: ${repeatedBills} of ${purchases.length}`,
      ...[...recoveries].map(([name, ms]) => {
        const sorted = [...ms].sort((one, other) => one - other);
        const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
        return `${name}: ${ms.length} times, recovered in ${Math.round(median)} ms (median), ${Math.round(sorted.at(-1) ?? 0)} ms (worst)`;
      }),
    ].join('\n'),
  );
  expect(wrong).toEqual([]);
  expect(fleet.complaints.join('')).not.toMatch(/UnhandledPromiseRejection|uncaughtException/);
});
