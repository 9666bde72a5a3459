import { inOrder, nextRing, ownersIn, type Ring, sameRing } from '../ring/ring.js';
import type { RescaleLog } from './rescale-log.js';
import { isAtRest } from './rescale-state.js';

/** What a rescale will do. */
export interface RescalePlan {
  readonly from: Ring;
  readonly goal: Ring;
  /** The rings on the way; `goal` is the last. */
  readonly steps: readonly Ring[];
  /** The share of the keys that end up in another queue, from 0 to 1, measured with 10,000 made-up keys. */
  readonly moved: number;
}

const SAMPLE = Array.from({ length: 10_000 }, (_, index) => `key-${index}`);

/** @param queues all queues that will share the keys; each keeps its weight, new ones have weight 1 */
export function planRescale(from: Ring, queues: readonly string[]): RescalePlan {
  const weightOf = (queue: string): number => from.find((share) => share.queue === queue)?.weight ?? 1;
  const goal = inOrder(queues.map((queue) => ({ queue, weight: weightOf(queue) })));
  const steps: Ring[] = [];
  for (let ring = from; !sameRing(ring, goal); steps.push(ring)) ring = nextRing(ring, goal);
  const [before, after] = [ownersIn(from), ownersIn(goal)];
  const moved = SAMPLE.filter((key) => before(key) !== after(key)).length / SAMPLE.length;
  return { from, goal, steps, moved };
}

/**
 * Begins a rescale, whose steps the queues' workers carry out. A rescale that is under way is awaited first.
 * @returns false if the ring is no longer the one that the plan was made from
 */
export async function requestRescale(records: RescaleLog, { from, goal }: RescalePlan): Promise<boolean> {
  await records.until(() => isAtRest(records.state));
  const { epoch, ring } = records.state;
  if (!sameRing(ring, from)) return false;
  await records.append({ kind: 'step', epoch: epoch + 1, from, to: nextRing(from, goal), goal });
  return sameRing(records.state.goal, goal);
}
