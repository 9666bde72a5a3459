import { WORKER_STATUS } from '../../lib/shop/domain/topology.js';
import { PROMISES, type PromiseName, promisesUpTo } from './promises.js';
import type { QueueKind } from './topology.js';

/** One way to do the shop's work, in a process of its own. */
export interface Contender {
  readonly id: string;
  readonly title: string;
  readonly queues: QueueKind;
  readonly module: string;
  readonly orders: Readonly<Record<string, unknown>>;
  /** The promises that it keeps, if it is compared by them. */
  readonly promises?: readonly PromiseName[];
  /** Its share of every ten purchases of a round, so that a slow contender does not take minutes. */
  readonly tenths: number;
  /** The keys that sign its changelogs. */
  readonly key?: string;
  /** What the first worker's changelog holds when it starts. */
  readonly openBaskets?: number;
  /** Whether the shop keeps the streams that pages read, or is also being watched. */
  readonly watched?: 'could be' | 'is';
}

/** What all bare contenders do. */
const BARE_BATCHES = { batchSize: 256, prefetch: 512, gathered: true };

const ALL_PROMISES = Object.keys(PROMISES) as PromiseName[];

export const CONTENDERS: readonly Contender[] = [
  {
    id: 'a',
    title: 'ours, durable',
    queues: 'quorum',
    module: './contender-ours.js',
    orders: { changelog: {} },
    // Its invocations are not reported.
    promises: promisesUpTo('owned'),
    tenths: 10,
  },
  {
    id: 'b',
    title: 'bare amqplib, tuned, durable',
    queues: 'quorum',
    module: './contender-bare.js',
    orders: { promises: ['record'], ...BARE_BATCHES },
    promises: ['record'],
    tenths: 10,
  },
  {
    id: 'c',
    title: 'ours, no changelog, classic queues',
    queues: 'classic',
    module: './contender-ours.js',
    orders: { changelog: 'none' },
    promises: ['event', 'ids', 'checked', 'validated'],
    tenths: 10,
  },
  {
    id: 'd',
    title: 'bare amqplib, tuned, classic queues',
    queues: 'classic',
    module: './contender-bare.js',
    orders: { promises: [], ...BARE_BATCHES },
    promises: [],
    tenths: 10,
  },
  {
    id: 'e',
    title: 'amqplib as tutorials write it, classic queues',
    queues: 'classic',
    module: './contender-tutorial.js',
    orders: {},
    tenths: 1,
  },
];

/** The bare one, with one more promise each; then ours, which keeps all of them. */
export const LADDER: readonly Contender[] = [
  ...ALL_PROMISES.map((name, index) => ({
    id: `${index + 1}`,
    title: index === 0 ? 'bare amqplib, durable' : `+ ${name}`,
    queues: 'quorum' as const,
    module: './contender-bare.js',
    orders: { promises: promisesUpTo(name), ...BARE_BATCHES },
    promises: promisesUpTo(name),
    watched: 'could be' as const,
    tenths: 10,
  })),
  {
    id: 'o',
    title: 'ours',
    queues: 'quorum',
    module: './contender-ours.js',
    orders: { changelog: {}, statusExchange: WORKER_STATUS },
    promises: ALL_PROMISES,
    watched: 'could be',
    tenths: 10,
  },
];

/** The bare one with and without gathered writes: the worth of gatherWrites. */
export const WRITES: readonly Contender[] = [true, false].map((gathered) => ({
  id: gathered ? 'g' : 'u',
  title: `bare amqplib, durable, writes ${gathered ? 'gathered' : 'one by one'}`,
  queues: 'quorum',
  module: './contender-bare.js',
  orders: { promises: ['record'], ...BARE_BATCHES, gathered },
  tenths: 10,
}));

/** One of them with other batch limits. @throws RangeError for one that has none */
export function batchesOf(id: string): Contender[] {
  const contender = CONTENDERS.find((one) => one.id === id && one.module !== './contender-tutorial.js');
  if (contender === undefined) throw new RangeError(`--batches takes a, b, c or d, not ${JSON.stringify(id)}`);
  return [64, 128, 256, 512, 1024].map((batchSize) => ({
    ...contender,
    id: `${batchSize}`,
    title: `${contender.title}, batches of ${batchSize}, prefetch ${2 * batchSize}`,
    orders: { ...contender.orders, batchSize, prefetch: 2 * batchSize },
  }));
}

/** Ours, and the cost of being watchable, and of being watched. */
export const WATCHED: readonly Contender[] = [
  { id: 'w', title: 'ours, durable, nobody can watch' },
  { id: 's', title: 'ours, durable, with the streams of the pages', watched: 'could be' as const },
  { id: 'p', title: 'ours, durable, and a shop floor is open', watched: 'is' as const },
].map((each) => ({
  queues: 'quorum',
  module: './contender-ours.js',
  orders: { changelog: {}, ...(each.watched !== undefined && { statusExchange: WORKER_STATUS }) },
  tenths: 10,
  ...each,
}));

/** Ours, with a signed changelog and an unsigned one. */
export const SIGNED: readonly Contender[] = [undefined, 'k'.repeat(64)].map((key) => ({
  id: key === undefined ? 'n' : 'k',
  title: `ours, durable, ${key === undefined ? 'not signed' : 'signed'}, 1,000,000 open baskets`,
  queues: 'quorum',
  module: './contender-ours.js',
  orders: { changelog: {}, ...(key !== undefined && { key }) },
  tenths: 10,
  openBaskets: 1_000_000,
  ...(key !== undefined && { key }),
}));

/** The same worker with ever more products in its basket. */
export const BASKETS: readonly Contender[] = [10, 10_000, 1_000_000].map((openBaskets) => ({
  id: `${openBaskets}`,
  title: `ours, durable, ${openBaskets.toLocaleString('en')} open baskets`,
  queues: 'quorum',
  module: './contender-ours.js',
  orders: { changelog: {} },
  tenths: 10,
  openBaskets,
}));
