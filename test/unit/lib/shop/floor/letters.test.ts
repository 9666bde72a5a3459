import { describe, expect, it } from 'vitest';
import type { FloorEvent, PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { lettersOf, refusedBefore } from '../../../../../lib/shop/floor/letters.js';
import { advance, EMPTY_FLOOR } from '../../../../../lib/shop/floor/shop-floor.js';
import { billed, NOON, refused, removed } from './messages.js';

const timeAt = (ms: number) => new Date(NOON + ms).toISOString();
const lettersAfter = (...events: FloorEvent[]) => lettersOf(advance(EMPTY_FLOOR, events).deadLetters);

describe('a dead letter', () => {
  it('is one of an event that was refused, sent back and refused again, with all that became of it', () => {
    const [letter, ...others] = lettersAfter(
      refused('AX', 'a1', { messageId: 'event', at: timeAt(-300) }),
      { ...removed('a1', 'redriven'), at: NOON - 200, by: 'ada' } as FloorEvent,
      refused('AX', 'a2', { messageId: 'event', at: timeAt(-100), reason: 'purchase without pick up' }),
    );
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ state: 'waiting', at: NOON - 100, latest: { id: 'a2' } });
    expect(letter?.history).toEqual([
      { at: NOON - 300, what: 'refused', reason: 'unknown product' },
      { at: NOON - 200, what: 'sent back', by: 'ada' },
      { at: NOON - 100, what: 'refused', reason: 'purchase without pick up' },
    ]);
  });

  it('is found again where its event had no id before it was sent back', () => {
    const letters = lettersAfter(
      refused('AX', 'abc1'),
      removed('abc1', 'redriven'),
      refused('AX', 'abc2', { messageId: 'redrive-abc1-1796026510' }),
      removed('abc2', 'redriven'),
      refused('AX', 'abc3', { messageId: 'redrive-abc1-1796026510' }),
    );
    expect(letters.map(({ history }) => history.map(({ what }) => what))).toEqual([
      ['refused', 'sent back', 'refused', 'sent back', 'refused'],
    ]);
  });

  it('is another one where the same id stands for another body', () => {
    const letters = lettersAfter(refused('AX', 'a', { messageId: 'same' }), refused('BX', 'b', { messageId: 'same' }));
    expect(letters).toHaveLength(2);
  });

  it('is where a person brought it; the one with the latest step comes first', () => {
    const letters = lettersAfter(
      refused('AX', 'a', { messageId: 'a', at: timeAt(-500) }),
      refused('BX', 'b', { messageId: 'b', at: timeAt(-400) }),
      refused('CX', 'c', { messageId: 'c', at: timeAt(-300) }),
      removed('a', 'purged'),
      removed('b', 'redriven'),
    );
    expect(letters.map(({ latest, state, at }) => [latest.id, state, at - NOON])).toEqual([
      ['b', 'sent back', 0],
      ['a', 'dropped', 0],
      ['c', 'waiting', -300],
    ]);
  });

  it('tells what comes of its event that it was refused before', () => {
    const events = [
      refused('AX', 'abc1', { messageId: 'event', at: timeAt(-300) }),
      { ...removed('abc1', 'redriven'), at: NOON - 200 } as FloorEvent,
      refused('AX', 'abc2', { messageId: 'event', at: timeAt(-100) }),
      { ...removed('abc2', 'redriven'), at: NOON - 50 } as FloorEvent,
    ];
    const { deadLetters } = advance(EMPTY_FLOOR, events);
    const letters = lettersOf(deadLetters);
    const bill = billed('AX', 8) as PassedEvent;
    const ids = (event: PassedEvent, messageId = '', at = NOON) =>
      refusedBefore(letters, event, { messageId, at }).map(({ id }) => id);
    expect(ids(bill, 'event')).toEqual(['abc1', 'abc2']);
    expect(ids(bill, 'redrive-abc1-7')).toEqual(['abc1', 'abc2']);
    expect(ids(bill, 'event', NOON - 150)).toEqual(['abc1']);
    expect(ids(bill, 'another')).toEqual([]);
    expect(refusedBefore(letters, bill, undefined)).toEqual([]);
    expect(deadLetters.map((refusal) => ids(refusal))).toEqual([['abc1'], []]);
  });
});
