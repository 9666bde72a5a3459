import { bucketOf } from './hash-ring.js';

/** A queue and the number of its buckets, which is the routing key of its binding. */
export interface Share {
  readonly queue: string;
  readonly weight: number;
}

/**
 * The queues bound to an `x-consistent-hash` exchange, in the order of their buckets: a binding appends its own buckets, and
 * removing one shifts all those after it.
 */
export type Ring = readonly Share[];

/** The queue that gets a routing key, by the exchange's own arithmetic. An empty ring routes nothing. */
export function ownersIn(ring: Ring): (routingKey: string) => string | undefined {
  const buckets = ring.flatMap(({ queue, weight }) => Array.from({ length: weight }, () => queue));
  return (routingKey) => (buckets.length === 0 ? undefined : buckets[bucketOf(routingKey, buckets.length)]);
}

/** In the order in which a broker without Khepri (3.x, and 4.x by default) has them after a restart: by name. */
export function inOrder(ring: Ring): Ring {
  return [...ring].sort((one, other) => Buffer.compare(Buffer.from(one.queue), Buffer.from(other.queue)));
}

/**
 * The next step from one ring to another: one more binding or one less, so that there is no ring in between. After it, no queue
 * has both lost and gained keys, so that takers can wait for givers, and no one waits for takers. Such steps are: a queue joins
 * at the end; the last queue leaves; of two queues the first leaves.
 */
export function nextRing(current: Ring, goal: Ring): Ring {
  const kept = commonBeginning(current, goal);
  if (kept === current.length) return goal.slice(0, kept + 1);
  const [first, second] = current;
  const [wanted] = goal;
  if (kept > 0 || current.length > 2) return current.slice(0, -1);
  if (first === undefined || wanted === undefined) return goal;
  if (second === undefined) return [first, wanted];
  return [second.queue === wanted.queue ? second : first];
}

function commonBeginning(one: Ring, other: Ring): number {
  const end = one.findIndex(({ queue, weight }, index) => {
    const share = other[index];
    return share?.queue !== queue || share.weight !== weight;
  });
  return end === -1 ? one.length : end;
}

/** Which queues' keys move, and where to, in a step that `nextRing` returned. */
export interface Movement {
  /** They give keys away, and gain none. */
  readonly givers: readonly string[];
  /** They gain keys, and give none away. */
  readonly takers: readonly string[];
}

export function movementOf(from: Ring, to: Ring): Movement {
  const joining = without(to, from);
  if (joining.length > 0) return { givers: from.map(({ queue }) => queue), takers: joining };
  return { givers: without(from, to), takers: from.length === to.length ? [] : to.map(({ queue }) => queue) };
}

function without(ring: Ring, others: Ring): string[] {
  return ring.map(({ queue }) => queue).filter((queue) => others.every((other) => other.queue !== queue));
}

export function sameRing(one: Ring, other: Ring): boolean {
  return (
    one.length === other.length &&
    one.every(({ queue, weight }, index) => other[index]?.queue === queue && other[index].weight === weight)
  );
}
