import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeadlineError, within } from '../../lib/waiting/deadline.js';
import { type ChaosShop, openChaosShop } from './chaos-shop.js';
import { examine } from './history.js';
import { Random } from './random.js';
import { goShopping } from './shoppers.js';

/** The same seed gives the same traffic and the same faults in the same order; how they coincide is up to the machine. */
const SEED = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PRODUCTS = 400;
/** How often every fault comes. */
const FAULT_ROUNDS = Number(process.env['SOAK_FAULT_ROUNDS'] ?? 2);
const QUEUES = ['worker01_queue', 'worker02_queue', 'worker03_queue'];
const PATIENCE_MS = 240_000;
/** A process that has not come back by then hangs. */
const RECOVERY_MS = 120_000;

const SMART_SHOPPING = resolve('dist/infra/shop/commands/smart-shopping.js');

let shop: ChaosShop;
const untilKill = new Random(SEED + 1);
/** Commands that remove the last queue. */
const leaving: Promise<unknown>[] = [];

beforeAll(async () => {
  // The first queue has a standby.
  shop = await openChaosShop([...QUEUES, QUEUES[0] as string], PRODUCTS);
}, 120_000);

afterAll(() => shop.close(), 120_000);

function takeLastOut(): ChildProcess {
  const args = ['rescale', ...QUEUES.slice(0, -1), '--yes', '--wait', '--amqp-url', shop.broker.amqpUrl];
  const child = spawn(process.execPath, [SMART_SHOPPING, ...args], { stdio: 'ignore' });
  leaving.push(once(child, 'exit'));
  return child;
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
  readonly inject: (worker: ChaosShop['fleet']['workers'][number]) => unknown;
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
    // The fleet starts its worker again, which joins; the next fault hits one or the other.
    name: 'the last queue leaves, and joins again',
    hits: 'one',
    inject: () => void takeLastOut(),
  },
  {
    name: 'the last queue leaves, and joins again; the command is killed -9',
    hits: 'one',
    inject: async () => {
      const child = takeLastOut();
      await sleep(untilKill.next() * 2_000);
      child.kill('SIGKILL');
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
  const shopping = goShopping({
    sender: shop.sender,
    seed: SEED,
    products: PRODUCTS,
    pauseMs: 700,
    roundsAtLeast: 25,
    until: () => faultsLeft === 0,
  });
  const [{ purchases, strangers }] = await Promise.all([shopping, nemesis]).catch((error) => {
    throw new Error(`${error.message}; its workers said last:\n${shop.fleet.complaints.slice(-30).join('')}`, {
      cause: error,
    });
  });
  const sentAfter = performance.now() - startedAt;
  await Promise.all(leaving);

  const findings = () =>
    examine({ purchases, strangers, ...shop.collected, settled: shop.fleet.settled, rescaled: true });
  const deadline = performance.now() + PATIENCE_MS;
  const missing = () => findings().wrong.some((what) => /^(lost|a stranger)/.test(what));
  while (missing() && performance.now() < deadline) await sleep(500);
  // A late message must not be a second bill.
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
  const said = shop.fleet.complaints.join('');
  console.log(
    `${said.split('has left').length - 1} times a queue has left, ${said.split('has taken over').length - 1} times baskets came along`,
  );
  expect(said).toContain('worker03_queue has left');
  expect(shop.fleet.complaints.join('')).not.toMatch(/UnhandledPromiseRejection|uncaughtException/);
});
