import { expect, it } from 'vitest';
import { Histogram } from '../../../../lib/runner-status/histogram.js';

it('counts each value in the bucket whose upper bound it does not exceed', () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0.5, 1, 1.5, 10, 11, 100]) histogram.observe(value);
  expect(histogram.state).toEqual({ counts: [2, 2, 2], sum: 124 });
});

it('gives a state that stays as it was', () => {
  const histogram = new Histogram([1]);
  const { state } = histogram;
  histogram.observe(1);
  expect(state).toEqual({ counts: [0, 0], sum: 0 });
});
