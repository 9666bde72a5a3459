import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shoppingEventMessage } from '../../lib/shop/domain/messages.js';
import { DeadlineError, within } from '../../lib/waiting/deadline.js';
import { type ChaosShop, openChaosShop } from './chaos-shop.js';
import { examine, type Purchase } from './history.js';
import { Random } from './random.js';
import type { FleetWorker } from './worker-fleet.js';

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
/** What has not come back by then hangs. */
const RECOVERY_MS = 120_000;

let shop: ChaosShop;

beforeAll(async () => {
  // The first queue has a standby.
  shop = await openChaosShop([...QUEUES, QUEUES[0] as string], PRODUCTS);
}, 120_000);

afterAll(() => shop.close(), 120_000);

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
    await shop.sender.publish(messages).then(
      () => copies--,
      () => sleep(200),
    );
  }
}

async function goShopping(
  lane: number,
  until: () => boolean,
  purchases: Purchase[],
  strangers: string[],
): Promise<void> {
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

async function inTime(work: unknown, hanging: string): Promise<void> {
  await within(RECOVERY_MS, Promise.resolve(work)).catch((cause) => {
    throw cause instanceof DeadlineError ? new Error(hanging, { cause }) : cause;
  });
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
    inject: () => shop.broker.ctl('close_all_connections', 'soak'),
  },
  {
    name: 'broker killed -9',
    hits: 'all',
    inject: async () => {
      await shop.broker.kill();
      await shop.broker.restart();
    },
  },
  {
    name: 'billing queue refuses for two seconds',
    hits: 'all',
    inject: async () => {
      await shop.refuseBills();
      await sleep(2_000);
      await shop.acceptBills();
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
        const worker = random.pick(shop.fleet.workers);
        const hit = fault.hits === 'all' ? shop.fleet.workers.slice(0, QUEUES.length) : [worker];
        console.log(`${fault.name}: ${hit.map(({ queue }) => queue).join(', ')}`);
        await inTime(fault.inject(worker), `${fault.name} does not end`);
        const from = performance.now();
        await Promise.all(hit.map((one) => inTime(one.next(), `${one.queue} settles nothing after: ${fault.name}`)));
        recoveries.set(fault.name, [...(recoveries.get(fault.name) ?? []), performance.now() - from]);
        faultsLeft--;
      }
    }
  })();
  // What ends the faults ends the shopping, too.
  nemesis.catch(() => {
    faultsLeft = 0;
  });
  const until = () => faultsLeft === 0;
  const shopping = Array.from({ length: LANES }, (_, lane) => goShopping(lane, until, purchases, strangers));
  await Promise.all([nemesis, ...shopping]).catch((error) => {
    throw new Error(`${error.message}; its workers said last:\n${shop.fleet.complaints.slice(-30).join('')}`, {
      cause: error,
    });
  });
  const sentAfter = performance.now() - startedAt;

  const findings = () => examine({ purchases, strangers, ...shop.collected, settled: shop.fleet.settled });
  const deadline = performance.now() + PATIENCE_MS;
  const missing = () => findings().wrong.some((what) => /^(lost|a stranger)/.test(what));
  while (missing() && performance.now() < deadline) await sleep(500);
  // What comes late must not be a second bill.
  await sleep(2_000);
  const { wrong, repeatedBills } = findings();
  console.log(
    [
      `${2 * purchases.length} events in ${Math.round(sentAfter / 1000)} s, ${strangers.length} strangers, ${shop.fleet.starts()} worker starts`,
      `wrong: ${wrong.length}; bills that came again under the same id: ${repeatedBills} of ${purchases.length}`,
      ...[...recoveries].map(([name, ms]) => {
        const sorted = [...ms].sort((one, other) => one - other);
        const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
        return `${name}: ${ms.length} times, recovered in ${Math.round(median)} ms (median), ${Math.round(sorted.at(-1) ?? 0)} ms (worst)`;
      }),
    ].join('\n'),
  );
  expect(wrong).toEqual([]);
  expect(shop.fleet.complaints.join('')).not.toMatch(/UnhandledPromiseRejection|uncaughtException/);
});
