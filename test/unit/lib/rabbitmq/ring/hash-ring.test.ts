import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bucketOf, queueOf } from '../../../../../lib/rabbitmq/ring/hash-ring.js';
import { phash2 } from '../../../../../lib/rabbitmq/ring/phash2.js';

const BUCKETS = [2, 3, 4, 5, 8, 16, 64];

/** Made by Erlang itself: key in hex, phash2, then the bucket among each of BUCKETS. */
const vectors = readFileSync(new URL('fixtures/ring-vectors.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'))
  .map(([hex, hash, ...buckets]) => ({
    key: Buffer.from(hex ?? '', 'hex'),
    hash: Number(hash),
    buckets: buckets.map(Number),
  }));

describe('the ring of an x-consistent-hash exchange', () => {
  it('hashes 400 keys as Erlang does', () => {
    expect(vectors).toHaveLength(400);
    expect(vectors.map(({ key }) => phash2(key))).toEqual(vectors.map(({ hash }) => hash));
    expect(phash2(new Uint8Array())).toBe(13708901);
  });

  it('gives 400 keys the bucket that RabbitMQ gives them, on seven rings', () => {
    for (const { key, buckets } of vectors) {
      expect(BUCKETS.map((count) => bucketOf(key, count))).toEqual(buckets);
    }
  });

  it('moves keys to a queue that joins last, and to no other', () => {
    const queues = ['q01', 'q02', 'q03'];
    for (let key = 0; key < 500; key++) {
      const before = queueOf(`${key}`, queues);
      expect([before, 'q04']).toContain(queueOf(`${key}`, [...queues, 'q04']));
    }
  });

  it('needs a bucket', () => {
    expect(() => bucketOf('key', 0)).toThrow(RangeError);
    expect(bucketOf('key', 1)).toBe(0);
  });
});
