import { bucketOf, queueOf } from '../../../lib/rabbitmq/ring/hash-ring.js';

/** A worker queue, and the weight that it is bound with. */
export interface BoundQueue {
  readonly name: string;
  readonly weight: number;
}

/**
 * The queue that the broker gives both events of a product: told by the same hash ring, for queues that were bound in the
 * ascending order of their names. @throws RangeError without a queue.
 */
export function ownerOf(product: string, queues: readonly BoundQueue[]): string {
  const ring = queues.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return queueOf(
    product,
    ring.flatMap(({ name, weight }) => Array<string>(weight).fill(name)),
  );
}

/** A product and the queue that it was in. */
export interface Seen {
  readonly product: string;
  readonly queue: string;
}

/** Queues in the order of their buckets, and how many of the products that were seen it explains. */
export interface FittedRing {
  readonly ring: readonly string[];
  readonly fits: number;
  readonly of: number;
}

/**
 * The order in which queues of equal weight were bound: nothing in AMQP tells it, but where products went does. Buckets
 * that no product was seen for get the queues that are left, in the ascending order of their names.
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
