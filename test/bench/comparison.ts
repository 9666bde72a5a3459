import type { Contender } from './contenders.js';
import type { Sample } from './rounds.js';
import { pairedRatios, type Spread, spreadOf } from './statistics.js';

/** A promise about two contenders, as the ratio of one to the other; without a limit it is only told. */
interface Target {
  readonly measure: keyof Sample;
  readonly one: string;
  readonly other: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly says: string;
}

const TARGETS: readonly Target[] = [
  { measure: 'eventsPerSecond', one: 'a', other: 'b', atLeast: 0.95, says: 'the adapter costs next to nothing' },
  { measure: 'cpuMicrosPerEvent', one: 'a', other: 'b', atMost: 1.25, says: 'nor does it in CPU time' },
  { measure: 'eventsPerSecond', one: 'c', other: 'd', atLeast: 0.95, says: 'the same without durability' },
  { measure: 'cpuMicrosPerEvent', one: 'c', other: 'd', atMost: 1.25, says: '' },
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
}

export interface Ratio extends Target {
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
    rows: contenders.map(({ id, title }) => ({
      id,
      title,
      eventsPerSecond: spreadOf(values(id, 'eventsPerSecond')),
      cpuMicrosPerEvent: spreadOf(values(id, 'cpuMicrosPerEvent')),
    })),
    ratios: TARGETS.filter(({ one, other }) => samples.has(one) && samples.has(other)).map((target) => {
      const ratio = pairedRatios(values(target.one, target.measure), values(target.other, target.measure));
      const { atLeast = -Infinity, atMost = Infinity } = target;
      return { ...target, ratio, met: ratio.median >= atLeast && ratio.median <= atMost };
    }),
    samples: Object.fromEntries(samples),
  };
}
