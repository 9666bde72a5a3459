import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { startPrivateBroker } from '../../infra/broker/private-broker.js';
import { drawChart, drawLadder } from './chart.js';
import { compare } from './comparison.js';
import { BASKETS, batchesOf, CONTENDERS, type Contender, LADDER, SIGNED, WATCHED, WRITES } from './contenders.js';
import type { Figure } from './figure.js';
import { measureGrowth } from './growth.js';
import { measureHttp } from './http.js';
import { measureHttpLatency } from './http-latency.js';
import { measureLatency } from './latency.js';
import { measureNpmStart } from './npm-start.js';
import { measureBaskets, replaysOf } from './open-baskets.js';
import { measureReplay } from './replay.js';
import { measureRoles } from './roles.js';
import { playRounds } from './rounds.js';
import { measureScaling } from './scaling.js';
import { measureSizing } from './sizing.js';
import { drawFigures, drawTables } from './table.js';
import { measureThreeNodes } from './three-nodes.js';
import { PRODUCTS } from './work.js';

interface Flags {
  readonly quick?: true;
  readonly only?: string;
  readonly rounds?: string;
  readonly profile?: string;
  readonly ladder?: true;
  readonly baskets?: true;
  readonly replay?: true;
  readonly batches?: string;
  readonly writes?: true;
  readonly watched?: true;
  readonly signed?: true;
  readonly growth?: true;
  readonly scaling?: true;
  readonly sizing?: true;
  readonly threeNodes?: true;
  readonly http?: true;
  readonly httpLatency?: true;
  readonly shop?: true;
  readonly out: string;
}

const flags = new Command('bench')
  .description('Measures the adapter against bare amqplib on a private RabbitMQ of its own.')
  .option('--quick', 'contenders a to d, three rounds')
  .option('--only <ids>', 'some contenders, such as ab')
  .option('--rounds <count>', 'measured rounds')
  .option('--ladder', 'only bare amqplib with one promise more on each rung, and ours')
  .option('--baskets', 'only what depends on the number of open baskets')
  .option('--replay', 'only a worker that reads its memory back, against a bare reader')
  .option('--batches <id>', 'only one contender, with batches of 64 to 1,024 messages')
  .option('--writes', 'only bare amqplib, with writes gathered and one by one')
  .option('--watched', 'only ours: nobody can watch, somebody could, somebody does')
  .option('--signed', 'only ours: with a changelog that is signed, and one that is not')
  .option('--growth', 'only ours, with ever more keys, queues and bytes')
  .option('--scaling', 'only a handler that waits, on 1, 2, 4 and 8 queues')
  .option('--sizing', 'only poll with 1, 4 and 16 queues: events per second and memory')
  .option('--three-nodes', 'only poll on three nodes, against one node')
  .option('--http', 'only the sensor over HTTP, against Fastify and amqplib')
  .option('--http-latency', 'only from HTTP accepted to the bill, against Fastify and bare amqplib')
  .option('--shop', 'only npm start and the roles as processes: start, idle, a worker killed')
  .option('--profile <folder>', 'writes a CPU profile of every contender there')
  .option('--out <folder>', 'where result and chart are written', join('.smart-shopping', 'bench'))
  .parse()
  .opts<Flags>();

const GROWTH = 'growth';
const SCALING = 'scaling';
const SIZING = 'sizing';
const ONE_NODE = 'one-node';
const HTTP = ['http', 'http-ours', 'http-bare'] as const;
const REPLAY = 'replay';
const ROLES = 'roles';
const ids = flags.only ?? (flags.quick ? 'abcd' : 'abcde');
const ladder = LADDER.filter(({ id }) => !flags.ladder || flags.only === undefined || ids.includes(id));
const contenders = flags.writes
  ? WRITES
  : flags.watched
    ? WATCHED
    : flags.signed
      ? SIGNED
      : flags.batches
        ? batchesOf(flags.batches)
        : CONTENDERS.filter(({ id }) => ids.includes(id));
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const broker = await startPrivateBroker({
  folder: join('.smart-shopping', 'bench-node'),
  fresh: true,
  vhosts: [
    ...[...contenders, ...ladder, ...BASKETS].map(({ id }) => id),
    GROWTH,
    SCALING,
    SIZING,
    ONE_NODE,
    ...HTTP,
    REPLAY,
    ROLES,
  ],
  onProgress: ({ step }) => progress(step),
});
const rounds = Number(flags.rounds ?? (flags.quick ? 3 : 5));
const options = {
  rounds,
  purchases: flags.quick ? PRODUCTS / 2 : PRODUCTS,
  amqpUrlOf: ({ id }: { readonly id: string }) => `${broker.amqpUrl}/${id}`,
  onProgress: progress,
};

try {
  const machine = { cpus: cpus().length, node: process.version, at: new Date().toISOString() };
  await mkdir(flags.out, { recursive: true });
  const figures: Figure[] = [];
  /** Written part by part, because the whole takes long, and what was measured must not be lost. */
  const keep = async (measured: readonly Figure[]): Promise<void> => {
    figures.push(...measured);
    process.stdout.write(`${drawFigures(measured)}\n`);
    await writeFile(join(flags.out, 'figures.json'), `${JSON.stringify({ machine, figures }, null, 2)}\n`);
  };
  const part =
    flags.baskets ??
    flags.replay ??
    flags.growth ??
    flags.scaling ??
    flags.sizing ??
    flags.threeNodes ??
    flags.http ??
    flags.httpLatency ??
    flags.shop;
  const everything =
    !part &&
    !flags.ladder &&
    !flags.quick &&
    !flags.batches &&
    !flags.writes &&
    !flags.watched &&
    !flags.signed &&
    !flags.profile;
  const vhost = (name: string): string => `${broker.amqpUrl}/${name}`;
  const execArgv = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  const race = async (racing: readonly Contender[], name: string, pair: readonly [string, string]) => {
    const samples = await playRounds({ ...options, contenders: racing, execArgv }, async (stands) => {
      if (everything || (flags.ladder && !flags.quick)) await keep(await measureLatency(stands, pair, progress));
      if (flags.signed) await keep(await replaysOf(stands));
    });
    const comparison = compare(racing, samples);
    process.stdout.write(`${drawTables(comparison)}\n`);
    await writeFile(join(flags.out, `${name}.json`), `${JSON.stringify({ machine, ...comparison }, null, 2)}\n`);
    return comparison;
  };
  if (!part && !flags.ladder) {
    const comparison = await race(contenders, 'result', ['a', 'b']);
    await writeFile(join(flags.out, 'events-per-second.svg'), drawChart(comparison));
  }
  if (everything || flags.ladder) {
    const comparison = await race(ladder, 'ladder', ['o', '8']);
    await writeFile(join(flags.out, 'ladder.svg'), drawLadder(comparison));
  }
  if (everything || flags.baskets) await keep(await measureBaskets(options));
  if (everything || flags.replay) await keep(await measureReplay(vhost(REPLAY), rounds, progress));
  if (everything || flags.growth) await keep(await measureGrowth(vhost(GROWTH), rounds, progress));
  if (everything || flags.scaling) await keep(await measureScaling(vhost(SCALING), rounds, progress));
  if (everything || flags.sizing) await keep(await measureSizing(vhost(SIZING), rounds, progress));
  if (everything || flags.threeNodes) await keep(await measureThreeNodes(vhost(ONE_NODE), rounds, progress));
  const [http, ...both] = HTTP;
  if (everything || flags.http) await keep(await measureHttp(vhost(http), rounds, progress));
  if (everything || flags.httpLatency) await keep(await measureHttpLatency(both.map(vhost), progress));
  if (everything || flags.shop) {
    await keep(await measureRoles(vhost(ROLES), rounds, progress));
    await keep(await measureNpmStart(rounds, progress));
  }
} finally {
  await broker.stop();
}
