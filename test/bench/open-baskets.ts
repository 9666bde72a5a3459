import { BASKETS } from './contenders.js';
import type { Figure } from './figure.js';
import { playRounds, type RoundsOptions, type Stand } from './rounds.js';
import { pairedRatios, spreadOf } from './statistics.js';

/** Throughput and memory with ever more open baskets. */
export async function measureBaskets(options: Omit<RoundsOptions, 'contenders' | 'execArgv'>): Promise<Figure[]> {
  const figures: Figure[] = [];
  const samples = await playRounds({ ...options, contenders: BASKETS, execArgv: ['--expose-gc'] }, async (stands) => {
    const held = new Map<number, number>();
    for (const { contender, worker } of stands) {
      const openBaskets = contender.openBaskets ?? 0;
      held.set(openBaskets, await worker.ask<number>('heldBytes'));
      if (openBaskets < 1_000_000) continue;
      const perBasket = ((held.get(openBaskets) ?? 0) - (held.get(10) ?? 0)) / openBaskets;
      figures.push({ what: 'bytes per open basket', unit: 'bytes', spread: spreadOf([perBasket]), atMost: 250 });
    }
  });
  const rates = new Map([...samples].map(([id, of]) => [id, of.map(({ eventsPerSecond }) => eventsPerSecond)]));
  for (const { id, title } of BASKETS) {
    figures.push({ what: title, unit: 'events/s', spread: spreadOf(rates.get(id) ?? []) });
  }
  const ratio = pairedRatios(rates.get('1000000') ?? [], rates.get('10') ?? []);
  figures.push({ what: '1,000,000 / 10 open baskets', unit: 'paired', spread: ratio, atLeast: 0.9 });
  return figures;
}

/** How long each took to read its changelog. */
export function replaysOf(stands: readonly Stand[]): Promise<Figure[]> {
  return Promise.all(
    stands.map(async ({ contender: { id, title }, worker }) => ({
      what: `${id}: ${title}, replay`,
      unit: 'ms',
      spread: spreadOf([await worker.ask<number>('replayMs')]),
    })),
  );
}
