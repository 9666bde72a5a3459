import { expect, it } from 'vitest';
import { LogBalance } from '../../../../../infra/shop/web/log-balance.js';

const queue = (waiting: number) =>
  [{ name: 'dead', role: 'dead letters', present: true, waiting, consumers: 0 }] as const;
const looked = (...looks: readonly (readonly [open: number, waiting: number])[]) => {
  const balance = new LogBalance();
  const told = looks.map(([open, waiting]) => balance.look(open, queue(waiting)));
  return told.map(({ missingLetters, unloggedLetters }) => [missingLetters, unloggedLetters]);
};
const NOTHING = [0, 0];

it('letters of the log are missing that stay away from their queue', () => {
  expect(looked([2, 1], [2, 1], [2, 1], [3, 1])).toEqual([NOTHING, NOTHING, [1, 0], [1, 0]]);
});

it('letters of the queue are unlogged that the log lastingly lacks', () => {
  expect(looked([0, 2], [0, 2], [0, 2], [1, 2])).toEqual([NOTHING, NOTHING, [0, 2], [0, 1]]);
});

it('what was held for a moment tells nothing', () => {
  expect(looked([5, 5], [5, 0], [5, 5], [5, 9], [5, 5])).toEqual(Array(5).fill(NOTHING));
});

it('without the queue, all of the log are missing', () => {
  const balance = new LogBalance();
  expect([1, 1, 1].map((open) => balance.look(open, []).missingLetters)).toEqual([0, 0, 1]);
});
