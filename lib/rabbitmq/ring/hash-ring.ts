import { exs1024 } from './exs1024.js';
import { phash2 } from './phash2.js';

/**
 * The bucket, from 0, to which RabbitMQ's `x-consistent-hash` exchange (3.10 to 4.3) assigns a routing key, among this many: jump
 * consistent hash (Lamping and Veach, arXiv 1406.2294), with random numbers from `exs1024`.
 * @throws RangeError without a bucket
 */
export function bucketOf(routingKey: string | Uint8Array, buckets: number): number {
  if (!Number.isInteger(buckets) || buckets < 1) throw new RangeError('a ring must have at least one bucket');
  const random = exs1024(phash2(typeof routingKey === 'string' ? Buffer.from(routingKey) : routingKey));
  let bucket = 0;
  for (let jump = 0; jump < buckets; jump = Math.trunc((bucket + 1) / random.next().value)) bucket = jump;
  return bucket;
}

/**
 * The queue that gets a routing key. `queues` are in the order of their buckets: bound once each, with weight 1, in ascending
 * order of their names, which is the order that survives a restart of every version.
 * @throws RangeError without a queue
 */
export function queueOf(routingKey: string, queues: readonly string[]): string {
  return queues[bucketOf(routingKey, queues.length)] as string;
}
