import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from './comparison.js';
import { LADDER } from './contenders.js';
import { pairedRatios, quantile, spreadOf } from './statistics.js';

const values = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('a quantile', () => {
  it.each([
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [Array.from({ length: 101 }, (_, index) => 100 - index), 0.99, 99],
    [[10, 9, 8], 1, 10],
    [[10, 9, 8], 0, 8],
  ])('of %j at %d', (of, share, value) => {
    expect(quantile(of, share)).toBe(value);
  });
});

describe('a spread', () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[10, 2], { median: 6, min: 2, max: 10 }],
    [[10, 9, 2], { median: 9, min: 2, max: 10 }],
    [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4 }],
  ])('of %j', (of, spread) => {
    expect(spreadOf(of)).toEqual(spread);
  });

  it('has as many values above its median as below, whatever their order, and leaves them as they are', () => {
    fc.assert(
      fc.property(values, (of) => {
        const before = [...of];
        const { median, min, max } = spreadOf(of);
        expect(of).toEqual(before);
        expect(of.filter((value) => value < median).length).toBeLessThanOrEqual(of.length / 2);
        expect(of.filter((value) => value > median).length).toBeLessThanOrEqual(of.length / 2);
        expect([min, max]).toEqual([Math.min(...of), Math.max(...of)]);
      }),
    );
  });

  it('of nothing is an error, not a number', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('paired ratios', () => {
  it('compare neighbours: a machine that is slow for a while slows both', () => {
    expect(pairedRatios([100, 10, 200], [200, 20, 100])).toEqual({ median: 0.5, min: 0.5, max: 2 });
  });

  it('are the same however fast the machine is in each round', () => {
    fc.assert(
      fc.property(values, (speeds) => {
        const { median } = pairedRatios(
          speeds.map((speed) => 3 * speed),
          speeds.map((speed) => 2 * speed),
        );
        expect(median).toBeCloseTo(1.5, 9);
      }),
    );
  });
});

describe('a comparison', () => {
  const samples = new Map([
    ['o', [sample(900, 120), sample(960, 130), sample(800, 100)]],
    ['8', [sample(1000, 100), sample(1000, 100), sample(1000, 100)]],
  ]);

  it('says of each target whether its median meets it, and leaves out what was not measured', () => {
    const { rows, ratios } = compare(LADDER.slice(-2), samples);
    expect(rows.map(({ id, eventsPerSecond }) => [id, eventsPerSecond.median])).toEqual([
      ['8', 1000],
      ['o', 900],
    ]);
    expect(ratios.map(({ measure, ratio, met }) => [measure, ratio.median, met])).toEqual([
      ['eventsPerSecond', 0.9, false],
      ['cpuMicrosPerEvent', 1.2, true],
    ]);
  });

  function sample(eventsPerSecond: number, cpuMicrosPerEvent: number) {
    return { eventsPerSecond, cpuMicrosPerEvent };
  }
});
