import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandledWindow } from '../../../../../lib/rabbitmq/changelog/handled-window.js';

describe('the window of handled identities', () => {
  it('remembers the newest ones, in order, and no more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(fc.constantFrom(...'abcdefgh')), (limit, added) => {
        const window = new HandledWindow(limit);
        let model: string[] = [];
        for (const identity of added) {
          window.add(identity);
          if (!model.includes(identity)) model = [...model, identity].slice(limit === 0 ? model.length + 1 : -limit);
          expect([...window]).toEqual(model);
          expect(window.size).toBe(model.length);
          for (const letter of 'abcdefgh') expect(window.has(letter)).toBe(model.includes(letter));
        }
      }),
    );
  });

  it.each([
    [0.5, ['d', 'e']],
    [0.74, ['d', 'e']],
    [0.75, ['c', 'd', 'e']],
    [0.1, ['e']],
    [1, ['b', 'c', 'd', 'e']],
  ])('gives the newest ones, at most %d of its limit but one at least, oldest first', (share, newest) => {
    const window = new HandledWindow(4);
    for (const identity of 'abcde') window.add(identity);
    expect(window.newest(share)).toEqual(newest);
  });

  it('holds a hundred thousand where nothing else is said', () => {
    expect(new HandledWindow().limit).toBe(100_000);
  });
});
