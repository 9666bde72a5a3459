import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffDelay } from '../../../../lib/waiting/backoff.js';

it('a backoff doubles up to its limit, half of it by chance', () => {
  const backoff = { firstMs: 100, maxMs: 10_000 };
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, chance) => {
      const delay = backoffDelay(attempt, backoff, () => chance);
      const ceiling = Math.min(10_000, 100 * 2 ** attempt);
      expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
      expect(delay).toBeLessThanOrEqual(ceiling);
    }),
  );
  expect([0, 1, 2, 40].map((attempt) => backoffDelay(attempt, backoff, () => 0))).toEqual([50, 100, 200, 5_000]);
});
