import type { Contender } from './contenders.js';
import { isMet, type Target } from './figure.js';
import type { PromiseName } from './promises.js';
import type { Sample } from './rounds.js';
import { pairedRatios, type Spread, spreadOf } from './statistics.js';

/** A target for two contenders, as the ratio of one to the other; without a limit it is only reported. */
interface RatioTarget extends Target {
  readonly measure: keyof Sample;
  readonly one: string;
  readonly other: string;
  readonly says: string;
}

const TARGETS: readonly RatioTarget[] = [
  { measure: 'eventsPerSecond', one: 'o', other: '8', atLeast: 0.95, says: 'promises cost, the adapter hardly does' },
  { measure: 'cpuMicrosPerEvent', one: 'o', other: '8', atMost: 1.25, says: 'nor in CPU time' },
  { measure: 'eventsPerSecond', one: 'o', other: '1', says: 'all of the promises' },
  { measure: 'cpuMicrosPerEvent', one: 'o', other: '1', atMost: 1.6, says: 'in CPU time' },
  { measure: 'eventsPerSecond', one: 'a', other: 'b', says: 'the adapter, and all that it promises' },
  { measure: 'cpuMicrosPerEvent', one: 'a', other: 'b', atMost: 1.6, says: 'in CPU time' },
  { measure: 'eventsPerSecond', one: 'c', other: 'd', says: 'the same without durability' },
  { measure: 'cpuMicrosPerEvent', one: 'c', other: 'd', atMost: 1.6, says: '' },
  { measure: 'eventsPerSecond', one: 'a', other: 'e', atLeast: 2, says: 'durable, and faster than the tutorials' },
  { measure: 'eventsPerSecond', one: 'b', other: 'd', atLeast: 0.58, says: 'the bare client is well tuned' },
  { measure: 'eventsPerSecond', one: 's', other: 'w', says: 'what it costs that somebody may watch' },
  {
    measure: 'eventsPerSecond',
    one: 'p',
    other: 'w',
    says: 'and that somebody does, on the same cores',
  },
  { measure: 'cpuMicrosPerEvent', one: 'g', other: 'u', atMost: 0.9, says: 'gathered writes are worth their code' },
];

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly eventsPerSecond: Spread;
  readonly cpuMicrosPerEvent: Spread;
  readonly promises?: readonly PromiseName[];
}

export interface Ratio extends RatioTarget {
  readonly ratio: Spread;
  readonly met: boolean;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

export function compare(contenders: readonly Contender[], samples: ReadonlyMap<string, readonly Sample[]>): Comparison {
  const values = (id: string, measure: keyof Sample) => (samples.get(id) ?? []).map((sample) => sample[measure]);
  return {
    rows: contenders.map(({ id, title, promises }) => ({
      id,
      title,
      ...(promises !== undefined && { promises }),
      eventsPerSecond: spreadOf(values(id, 'eventsPerSecond')),
      cpuMicrosPerEvent: spreadOf(values(id, 'cpuMicrosPerEvent')),
    })),
    ratios: TARGETS.filter(({ one, other }) => samples.has(one) && samples.has(other)).map((target) => {
      const ratio = pairedRatios(values(target.one, target.measure), values(target.other, target.measure));
      return { ...target, ratio, met: isMet(target, ratio) };
    }),
    samples: Object.fromEntries(samples),
  };
}
