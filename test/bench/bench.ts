import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { startPrivateBroker } from '../../infra/broker/private-broker.js';
import { compare } from './comparison.js';
import { CONTENDERS } from './contenders.js';
import { playRounds } from './rounds.js';
import { drawTables } from './table.js';
import { PRODUCTS } from './work.js';

interface Flags {
  readonly quick?: true;
  readonly only?: string;
  readonly rounds?: string;
  readonly profile?: string;
  readonly out: string;
}

const flags = new Command('bench')
  .description('Measures the adapter against bare amqplib on a private RabbitMQ of its own.')
  .option('--quick', 'contenders a to d, three rounds')
  .option('--only <ids>', 'some contenders, such as ab')
  .option('--rounds <count>', 'measured rounds')
  .option('--profile <folder>', 'writes a CPU profile of every contender there')
  .option('--out <folder>', 'where result and chart are written', join('.smart-shopping', 'bench'))
  .parse()
  .opts<Flags>();

const ids = flags.only ?? (flags.quick ? 'abcd' : 'abcde');
const contenders = CONTENDERS.filter(({ id }) => ids.includes(id));
const rounds = Number(flags.rounds ?? (flags.quick ? 3 : 5));
const progress = (line: string): void => void process.stderr.write(`${line}\n`);

const broker = await startPrivateBroker({
  folder: join('.smart-shopping', 'bench-node'),
  cacheFolder: join('.smart-shopping', 'server'),
  fresh: true,
  vhosts: contenders.map(({ id }) => id),
  onProgress: ({ step }) => progress(step),
});
try {
  const samples = await playRounds({
    contenders,
    rounds,
    purchases: flags.quick ? PRODUCTS / 2 : PRODUCTS,
    amqpUrlOf: ({ id }) => `${broker.amqpUrl}/${id}`,
    execArgv: flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`],
    onProgress: progress,
  });
  const comparison = compare(contenders, samples);
  process.stdout.write(`${drawTables(comparison)}\n`);
  await mkdir(flags.out, { recursive: true });
  const machine = { cpus: cpus().length, node: process.version, at: new Date().toISOString() };
  await writeFile(join(flags.out, 'result.json'), `${JSON.stringify({ machine, ...comparison }, null, 2)}\n`);
} finally {
  await broker.stop();
}
