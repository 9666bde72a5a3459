import { describe, expect, it } from 'vitest';
import { inOrder, movementOf, nextRing, ownersIn, type Ring } from '../../../../../lib/rabbitmq/ring/ring.js';

const KEYS = Array.from({ length: 500 }, (_, index) => `product-${index}`);
const WEIGHTS: Readonly<Record<string, number>> = { a: 1, b: 2, c: 1, d: 3 };

/** All orders of all selections of four queues. */
function* rings(left: readonly string[] = Object.keys(WEIGHTS), before: Ring = []): Generator<Ring> {
  if (before.length > 0) yield before;
  for (const queue of left) {
    const weight = WEIGHTS[queue] as number;
    yield* rings(
      left.filter((other) => other !== queue),
      [...before, { queue, weight }],
    );
  }
}

const ALL = [...rings()];
const GOALS = ALL.filter((ring) => JSON.stringify(ring) === JSON.stringify(inOrder(ring)));

function stepsFrom(ring: Ring, goal: Ring): Ring[] {
  const steps = [ring];
  while (JSON.stringify(steps.at(-1)) !== JSON.stringify(goal)) {
    steps.push(nextRing(steps.at(-1) as Ring, goal));
    if (steps.length > 12) throw new Error(`${JSON.stringify(ring)} does not become ${JSON.stringify(goal)}`);
  }
  return steps;
}

describe('the steps from one ring to another', () => {
  it('lead from every ring to every other in order, one binding at a time', () => {
    const ways = ALL.flatMap((ring) => GOALS.map((goal) => stepsFrom(ring, goal)));
    const changes = ways.flatMap((way) =>
      way.slice(1).map((to, index) => Math.abs(to.length - (way[index] as Ring).length)),
    );
    expect(ALL).toHaveLength(64);
    expect(GOALS).toHaveLength(15);
    expect(new Set(changes)).toEqual(new Set([1]));
    expect(Math.max(...ways.map((way) => way.length - 1))).toBe(8);
  });

  it('never have a queue that loses keys and gains others', () => {
    const steps = new Map<string, readonly [Ring, Ring]>();
    for (const ring of ALL) {
      for (const goal of GOALS) {
        const way = stepsFrom(ring, goal);
        for (const [index, to] of way.slice(1).entries()) {
          const step = [way[index] as Ring, to] as const;
          steps.set(JSON.stringify(step), step);
        }
      }
    }
    const wrong = [...steps.values()].filter(([from, to]) => {
      const [ownerThen, ownerNow] = [ownersIn(from), ownersIn(to)];
      const { givers, takers } = movementOf(from, to);
      const moved = KEYS.filter((key) => ownerThen(key) !== ownerNow(key));
      return (
        moved.some((key) => !givers.includes(ownerThen(key) as string) || !takers.includes(ownerNow(key) as string)) ||
        givers.some((queue) => takers.includes(queue))
      );
    });
    expect(steps.size).toBeGreaterThan(80);
    expect(wrong).toEqual([]);
  });

  it('say who gives keys away, and who gets them', () => {
    const [one, two, three] = ['1', '2', '3'].map((queue) => ({ queue, weight: 1 }));
    const ring = [one, two, three] as Ring;
    expect(nextRing([], ring)).toEqual([one]);
    expect(nextRing(ring.slice(0, 2), ring)).toEqual(ring);
    expect(nextRing(ring, ring.slice(0, 2))).toEqual(ring.slice(0, 2));
    expect(movementOf(ring.slice(0, 2), ring)).toEqual({ givers: ['1', '2'], takers: ['3'] });
    expect(movementOf(ring, ring.slice(0, 2))).toEqual({ givers: ['3'], takers: ['1', '2'] });
    expect(movementOf([], ring.slice(0, 1))).toEqual({ givers: [], takers: ['1'] });
    expect(movementOf(ring, ring)).toEqual({ givers: [], takers: [] });
  });
});

it('the order of a ring is that of the bytes of its names', () => {
  const ring = ['worker2', 'worker12', 'Worker3', 'é', 'worker1'].map((queue) => ({ queue, weight: 1 }));
  expect(inOrder(ring).map(({ queue }) => queue)).toEqual(['Worker3', 'worker1', 'worker12', 'worker2', 'é']);
});

it('a ring without queues gives nobody anything', () => {
  expect(ownersIn([])('product')).toBeUndefined();
});
