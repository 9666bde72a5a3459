import { describe, expect, it } from 'vitest';
import { Deaths } from '../../../../../lib/rabbitmq/changelog/deaths.js';
import { HandledWindow } from '../../../../../lib/rabbitmq/changelog/handled-window.js';
import { type ChangelogRecord, decodeRecord, encodeRecord } from '../../../../../lib/rabbitmq/changelog/record.js';
import { Replay } from '../../../../../lib/rabbitmq/changelog/replay.js';
import { LogSize } from '../../../../../lib/rabbitmq/changelog/retention.js';
import { StagedStore } from '../../../../../lib/state/staged-store.js';

const OPENING = { kind: 'opening', nonce: 'n' } as const;
const deathsRecord = (...counts: [string, number][]) => ({ kind: 'deaths', nonce: 'n', counts }) as const;

function replayed(...records: ChangelogRecord<number>[]): Deaths {
  const deaths = new Deaths();
  deaths.set('of an earlier session', 3);
  const memory = { store: new StagedStore<number>(), handled: new HandledWindow(10), deaths, size: new LogSize() };
  const replay = new Replay<number>(memory, true);
  for (const record of records) replay.take(record, 1);
  return deaths;
}

describe('the deaths that a message has to answer for', () => {
  it('are what the last record says, and nothing of an earlier session', () => {
    const deaths = replayed(OPENING, deathsRecord(['a', 1], ['b', 1]), deathsRecord(['a', 2]));
    expect(['a', 'b', 'c', 'of an earlier session'].map((id) => deaths.of(id))).toEqual([2, 1, 0, 0]);
  });

  it('are over with an acquittal, and when the message was handled', () => {
    const batch = { kind: 'batch', nonce: 'n', handled: ['b'], changes: [], outgoing: [] } as const;
    const deaths = replayed(OPENING, deathsRecord(['a', 4], ['b', 4], ['c', 4]), deathsRecord(['a', 0]), batch);
    expect(['a', 'b', 'c'].map((id) => deaths.of(id))).toEqual([0, 0, 4]);
  });

  it('count only where the owner wrote them', () => {
    expect(replayed(OPENING, { ...deathsRecord(['a', 1]), nonce: 'somebody else' }).of('a')).toBe(0);
  });

  it('are read as they were written, and nothing else is', () => {
    const record = deathsRecord(['a', 1], ['b', 0]);
    expect(decodeRecord(encodeRecord(record))).toMatchObject(record);
    const wrong = (counts: unknown) => Buffer.from(JSON.stringify({ v: 1, kind: 'deaths', nonce: 'n', counts }));
    expect(() => decodeRecord(wrong('a'))).toThrow('counts must be a list');
    expect(() => decodeRecord(wrong([['a', 'b']]))).toThrow('a count must be a number');
    expect(() => decodeRecord(wrong([['a']]))).toThrow('an entry must be [key, value]');
    expect(() => decodeRecord(wrong([[1, 1]]))).toThrow('1 must be a string');
  });
});
