import { bucketOf, queueOf } from '../../../lib/rabbitmq/ring/hash-ring.js';

/** A worker queue and the weight of its binding. */
export interface BoundQueue {
  readonly name: string;
  readonly weight: number;
}

/**
 * The queue to which the broker routes both events of a product, computed by the same hash ring, for queues that were bound in
 * ascending order of their names. @throws RangeError without a queue
 */
export function ownerOf(product: string, queues: readonly BoundQueue[]): string {
  const ring = queues.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return queueOf(
    product,
    ring.flatMap(({ name, weight }) => Array<string>(weight).fill(name)),
  );
}

/** A product and the queue that it was seen in. */
export interface Seen {
  readonly product: string;
  readonly queue: string;
}

/** Queues in the order of their buckets, and how many of the observed products this order explains. */
export interface FittedRing {
  readonly ring: readonly string[];
  readonly fits: number;
  readonly of: number;
}

/**
 * The order in which queues of equal weight were bound: AMQP does not show it, but the paths of products do. Buckets for which no
 * product was seen get the remaining queues, in ascending order of their names.
 */
export function fitRing(queues: readonly string[], seen: readonly Seen[]): FittedRing {
  const known = seen.filter(({ queue }) => queues.includes(queue));
  const votes = queues.map(() => new Map<string, number>());
  for (const { product, queue } of known) {
    const bucket = votes[bucketOf(product, queues.length)] as Map<string, number>;
    bucket.set(queue, (bucket.get(queue) ?? 0) + 1);
  }
  const ranked = votes
    .flatMap((bucket, index) => [...bucket].map(([queue, count]) => ({ index, queue, count })))
    .sort((one, other) => other.count - one.count);
  const ring: (string | undefined)[] = queues.map(() => undefined);
  let fits = 0;
  for (const { index, queue, count } of ranked) {
    if (ring[index] !== undefined || ring.includes(queue)) continue;
    ring[index] = queue;
    fits += count;
  }
  const left = queues.filter((queue) => !ring.includes(queue)).sort();
  return { ring: ring.map((queue) => queue ?? (left.shift() as string)), fits, of: known.length };
}
