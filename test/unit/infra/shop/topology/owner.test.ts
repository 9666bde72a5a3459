import { describe, expect, it } from 'vitest';
import { fitRing, ownerOf } from '../../../../../infra/shop/topology/owner.js';
import { queueOf } from '../../../../../lib/rabbitmq/ring/hash-ring.js';

const PRODUCTS = Array.from({ length: 60 }, (_, index) => `product-${index}`);

describe('the ring that fits', () => {
  it.each([[['a', 'b']], [['b', 'a']], [['c', 'a', 'd', 'b']]])('is in the order of binding: %j', (bound) => {
    const seen = PRODUCTS.map((product) => ({ product, queue: queueOf(product, bound) }));
    expect(fitRing(bound.toSorted(), seen)).toEqual({ ring: bound, fits: 60, of: 60 });
  });

  it('is in the order of names where nothing was seen', () => {
    expect(fitRing(['b', 'a', 'c'], [])).toEqual({ ring: ['a', 'b', 'c'], fits: 0, of: 0 });
  });

  it('leaves out queues that it was not asked about, and fills what was not seen', () => {
    const [product] = PRODUCTS as [string];
    const other = queueOf(product, ['first', 'second']) === 'first' ? ['b', 'a'] : ['a', 'b'];
    const seen = [
      { product, queue: 'b' },
      { product, queue: 'gone' },
    ];
    expect(fitRing(['a', 'b'], seen)).toEqual({ ring: other, fits: 1, of: 1 });
  });

  it('tells how badly it fits where weights differ', () => {
    const queues = [
      { name: 'a', weight: 3 },
      { name: 'b', weight: 1 },
    ];
    const seen = PRODUCTS.map((product) => ({ product, queue: ownerOf(product, queues) }));
    const { fits, of } = fitRing(['a', 'b'], seen);
    expect(fits).toBeLessThan(of);
  });
});
