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
    if (steps.length > 6) throw new Error(`${JSON.stringify(ring)} does not become ${JSON.stringify(goal)}`);
  }
  return steps;
}

describe('the steps from one ring to another', () => {
  it('lead from every ring to every other in order, by at most four', () => {
    const most = Math.max(...ALL.flatMap((ring) => GOALS.map((goal) => stepsFrom(ring, goal).length - 1)));
    expect(ALL).toHaveLength(64);
    expect(GOALS).toHaveLength(15);
    expect(most).toBe(4);
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
    expect(steps.size).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
  });

  it('are one where queues join or leave at the end', () => {
    const [one, two, three, four] = ['1', '2', '3', '4'].map((queue) => ({ queue, weight: 1 }));
    const ring = [one, two, three, four] as Ring;
    expect(nextRing([], ring.slice(0, 2))).toEqual(ring.slice(0, 2));
    expect(nextRing(ring.slice(0, 2), ring)).toEqual(ring);
    expect(nextRing(ring, ring.slice(0, 2))).toEqual(ring.slice(0, 2));
    expect(movementOf(ring.slice(0, 2), ring)).toEqual({ givers: ['1', '2'], takers: ['3', '4'] });
    expect(movementOf(ring, ring.slice(0, 2))).toEqual({ givers: ['3', '4'], takers: ['1', '2'] });
    expect(movementOf([], ring)).toEqual({ givers: [], takers: ['1', '2', '3', '4'] });
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
