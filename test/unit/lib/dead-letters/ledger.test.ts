import { describe, expect, it } from 'vitest';
import { deadLettersOf, type Found } from '../../../../lib/dead-letters/ledger.js';
import type { LogEntry } from '../../../../lib/dead-letters/log-entry.js';

const rejected = (id: string, at = 'then', reason = 'unknown product'): LogEntry => {
  return { kind: 'rejected', id, at, queue: 'worker01_queue', reason, messageId: `m-${id}` };
};
const mark = (kind: 'redriven' | 'purged', id: string, at = 'later'): LogEntry => {
  return { kind, id, at, reason: 'failed too often' };
};
const found = (id: string, death: Found['death'] = { reason: 'rejected', queue: 'worker01_queue' }): Found => {
  return { id, messageId: `m-${id}`, death, redrives: 0, bytes: 10 };
};
const stateOf = (entries: LogEntry[], waiting: Found[] = []) =>
  deadLettersOf(entries, waiting).map(({ id, state, copies }) => [id, state, copies]);

describe('the ledger of dead letters', () => {
  it('knows the reason from the log, and that a message waits from the queue', () => {
    expect(deadLettersOf([rejected('a')], [found('a')])).toEqual([
      {
        id: 'a',
        state: 'waiting',
        reason: 'unknown product',
        at: 'then',
        queue: 'worker01_queue',
        messageId: 'm-a',
        copies: 1,
        redrives: 0,
        bytes: 10,
      },
    ]);
  });

  it('knows messages without an id', () => {
    const [letter] = deadLettersOf([], [{ id: 'a', death: undefined, redrives: 0, bytes: 1 }]);
    expect(Object.keys(letter ?? {})).not.toContain('messageId');
  });

  it('is empty where nothing died', () => {
    expect(deadLettersOf([], [])).toEqual([]);
  });

  it('takes what is neither in the queue nor marked for taken by another', () => {
    expect(stateOf([rejected('a')])).toEqual([['a', 'missing', 0]]);
  });

  it('believes the last mark, and the queue more than any mark: who was killed had not taken it out', () => {
    expect(stateOf([rejected('a'), mark('redriven', 'a')])).toEqual([['a', 'redriven', 0]]);
    expect(stateOf([rejected('a'), mark('redriven', 'a'), mark('purged', 'a')])).toEqual([['a', 'purged', 0]]);
    expect(stateOf([rejected('a'), mark('redriven', 'a')], [found('a')])).toEqual([['a', 'waiting', 1]]);
    expect(stateOf([rejected('a'), mark('redriven', 'a'), rejected('a')])).toEqual([['a', 'missing', 0]]);
  });

  it('keeps when it died and since when it is marked, also of what only the broker had given up', () => {
    expect(deadLettersOf([rejected('a', '1'), mark('redriven', 'a', '2'), mark('purged', 'b', '3')], [])).toMatchObject(
      [
        { id: 'a', at: '1', since: '2', state: 'redriven' },
        { id: 'b', at: undefined, since: '3', state: 'purged', reason: 'failed too often' },
      ],
    );
  });

  it('counts equal messages, in the order of the log and then of the queue', () => {
    expect(stateOf([rejected('b'), rejected('a'), rejected('a')], [found('c'), found('a'), found('a')])).toEqual([
      ['b', 'missing', 0],
      ['a', 'waiting', 2],
      ['c', 'waiting', 1],
    ]);
  });

  it.each<[Found['death'], string]>([
    [undefined, 'put there by hand'],
    [{ reason: 'rejected', queue: 'q' }, 'rejected, without a reason in the log'],
    [{ reason: 'delivery_limit', queue: 'q' }, 'failed 4 times'],
    [{ reason: 'delivery_limit', queue: 'other' }, 'failed too often'],
    [{ reason: 'delivery_limit' }, 'failed too often'],
    [{ reason: 'expired', queue: 'q' }, 'waited too long'],
    [{ reason: 'maxlen', queue: 'q' }, 'queue was full'],
    [{ reason: 'of tomorrow', queue: 'q' }, 'of tomorrow'],
    [{ queue: 'q' }, 'put there by hand'],
  ])('says of a death %j that the log does not know: %s', (death, reason) => {
    const message = { ...found('a'), death };
    expect(deadLettersOf([], [message], new Map([['q', 3]]))).toMatchObject([{ reason, queue: death?.queue }]);
  });

  it('does not take the log of a rejection for the reason why the broker gave a message up later', () => {
    const givenUp = found('a', { reason: 'expired', queue: 'q', seconds: 1_700_000_000 });
    expect(deadLettersOf([rejected('a')], [givenUp])).toMatchObject([
      { reason: 'waited too long', at: '2023-11-14T22:13:20.000Z', queue: 'q' },
    ]);
    const byHand = { ...found('a'), death: undefined };
    expect(deadLettersOf([rejected('a')], [byHand])).toMatchObject([
      { reason: 'unknown product', at: 'then', queue: 'worker01_queue' },
    ]);
  });

  it('does without a time that no date can hold', () => {
    const [letter] = deadLettersOf([], [found('a', { reason: 'expired', seconds: 1e20 })]);
    expect(letter?.at).toBeUndefined();
  });
});
