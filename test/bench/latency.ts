import type { Figure, Target } from './figure.js';
import type { RoundsOptions, Stand } from './rounds.js';
import type { Latency } from './shop-floor.js';
import { pairedRatios, spreadOf } from './statistics.js';

export const PACES = [100, 500, 1_000];
export const PACED_ROUNDS = 3;
export const PACED_SECONDS = 8;

/** By the name of the figure. */
const TARGETS: Readonly<Record<string, Target>> = { 'o / 8: p99 at 500 events/s': { atMost: 1.25 } };

/** Published -> bill, for two contenders in turn at a steady pace. */
export async function measureLatency(
  stands: readonly Stand[],
  [first, second]: readonly [string, string],
  onProgress: RoundsOptions['onProgress'],
): Promise<Figure[]> {
  const pair = [first, second].flatMap((id) => stands.filter(({ contender }) => contender.id === id));
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
      const what = `${first} / ${second}: ${quantile} at ${eventsPerSecond} events/s`;
      const target = TARGETS[what] ?? {};
      if (pair.length === 2) figures.push({ what, unit: 'paired', spread: pairedRatios(one, other), ...target });
    }
  }
  return figures;
}
