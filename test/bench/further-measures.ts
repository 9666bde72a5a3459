import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.js';
import { BASKETS } from './contenders.js';
import type { Usage } from './parent.js';
import { playRounds, type RoundsOptions, type Stand } from './rounds.js';
import type { Latency } from './shop-floor.js';
import { pairedRatios, type Spread, spreadOf } from './statistics.js';

/** One more figure: what it is, and its unit. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly spread: Spread;
}

const PACES = [100, 500];
const PACED_ROUNDS = 3;
const PACED_SECONDS = 8;

/** Published -> bill, of a and b in turns at a steady pace. */
export async function measureLatency(
  stands: readonly Stand[],
  onProgress: RoundsOptions['onProgress'],
): Promise<Figure[]> {
  const pair = stands.filter(({ contender }) => contender.id === 'a' || contender.id === 'b');
  const figures: Figure[] = [];
  for (const eventsPerSecond of PACES) {
    const measured = new Map(pair.map(({ contender }) => [contender.id, [] as Latency[]]));
    for (let round = 1; round <= PACED_ROUNDS; round++) {
      for (const { contender, shopFloor } of pair) {
        const purchases = (eventsPerSecond * PACED_SECONDS) / 2;
        const orders = { round: `${eventsPerSecond}/s.${round}`, purchases, eventsPerSecond };
        const latency = await shopFloor.ask<Latency>('paced', orders);
        measured.get(contender.id)?.push(latency);
        onProgress(`${eventsPerSecond} events/s, round ${round}  ${contender.id}: p99 ${latency.p99.toFixed(1)} ms`);
      }
    }
    for (const quantile of ['p50', 'p99'] as const) {
      const values = pair.map(({ contender }) =>
        (measured.get(contender.id) ?? []).map((latency) => latency[quantile]),
      );
      const [one = [], other = []] = values;
      pair.forEach(({ contender }, index) => {
        const what = `${contender.id}: published -> bill, ${quantile} at ${eventsPerSecond} events/s`;
        figures.push({ what, unit: 'ms', spread: spreadOf(values[index] ?? []) });
      });
      const what = `a / b: ${quantile} at ${eventsPerSecond} events/s`;
      if (pair.length === 2) figures.push({ what, unit: 'paired', spread: pairedRatios(one, other) });
    }
  }
  return figures;
}

const IDLE_MS = 10_000;

/** What the two partitions of a worker process use while nothing comes. */
export async function measureIdle(stands: readonly Stand[]): Promise<Figure[]> {
  const ours = stands.find(({ contender }) => contender.id === 'a');
  if (ours === undefined) return [];
  const before = await ours.worker.ask<Usage>('usage');
  await sleep(IDLE_MS);
  const { cpuMicros } = await ours.worker.ask<Usage>('usage');
  const percent = (cpuMicros - before.cpuMicros) / (IDLE_MS * 10);
  return [{ what: 'a: idle, two partitions', unit: '% of a core', spread: spreadOf([percent]) }];
}

/** Throughput, memory and replay with ever more open baskets. */
export async function measureBaskets(options: Omit<RoundsOptions, 'contenders' | 'execArgv'>): Promise<Figure[]> {
  const figures: Figure[] = [];
  const samples = await playRounds({ ...options, contenders: BASKETS, execArgv: ['--expose-gc'] }, async (stands) => {
    const held = new Map<number, number>();
    for (const { contender, worker } of stands) {
      const openBaskets = contender.openBaskets ?? 0;
      held.set(openBaskets, await worker.ask<number>('heldBytes'));
      if (openBaskets < 1_000_000) continue;
      const perBasket = ((held.get(openBaskets) ?? 0) - (held.get(10) ?? 0)) / openBaskets;
      figures.push({ what: 'bytes per open basket', unit: 'bytes', spread: spreadOf([perBasket]) });
      const replayed = await worker.ask<number>('replayMs');
      figures.push({ what: 'a: replay of 1,000,000 changes', unit: 'ms', spread: spreadOf([replayed]) });
      const bare = await readBare(options.amqpUrlOf(contender), openBaskets);
      figures.push({ what: 'bare reader: the same stream', unit: 'ms', spread: spreadOf(bare) });
    }
  });
  const rates = new Map([...samples].map(([id, of]) => [id, of.map(({ eventsPerSecond }) => eventsPerSecond)]));
  for (const { id, title } of BASKETS) {
    figures.push({ what: title, unit: 'events/s', spread: spreadOf(rates.get(id) ?? []) });
  }
  const ratio = pairedRatios(rates.get('1000000') ?? [], rates.get('10') ?? []);
  figures.push({ what: '1,000,000 / 10 open baskets', unit: 'paired', spread: ratio });
  return figures;
}

async function readBare(amqpUrl: string, changes: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    const reader = await Child.start('./bare-reader.js', { amqpUrl });
    times.push(await reader.ask<number>('read', changes));
    await reader.end();
  }
  return times;
}
