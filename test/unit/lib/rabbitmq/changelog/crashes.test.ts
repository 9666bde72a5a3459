import { describe, expect, it } from 'vitest';
import {
  type ChangelogRecord,
  decodeRecord,
  encodeRecord,
} from '../../../../../lib/rabbitmq/changelog/changelog-record.js';
import { CrashCounts } from '../../../../../lib/rabbitmq/changelog/crashes.js';
import { HandledWindow } from '../../../../../lib/rabbitmq/changelog/handled-window.js';
import { Recovery } from '../../../../../lib/rabbitmq/changelog/recovery.js';
import { LogSize } from '../../../../../lib/rabbitmq/changelog/retention.js';
import { StagedStore } from '../../../../../lib/state/staged-store.js';

const OPENING = { kind: 'opening', nonce: 'n' } as const;
const crashesRecord = (...counts: [string, number][]) => ({ kind: 'deaths', nonce: 'n', counts }) as const;

function recovered(...records: ChangelogRecord<number>[]): CrashCounts {
  const crashes = new CrashCounts();
  crashes.set('of an earlier session', 3);
  const memory = { store: new StagedStore<number>(), handled: new HandledWindow(10), crashes, size: new LogSize() };
  const recovery = new Recovery<number>(memory, true);
  for (const record of records) recovery.take(record, 1);
  return crashes;
}

describe('the crashes that a message has to answer for', () => {
  it('are what the last record says, and nothing of an earlier session', () => {
    const crashes = recovered(OPENING, crashesRecord(['a', 1], ['b', 1]), crashesRecord(['a', 2]));
    expect(['a', 'b', 'c', 'of an earlier session'].map((id) => crashes.of(id))).toEqual([2, 1, 0, 0]);
  });

  it('are over with an acquittal, and when the message was handled', () => {
    const batch = { kind: 'batch', nonce: 'n', handled: ['b'], changes: [], outgoing: [] } as const;
    const crashes = recovered(OPENING, crashesRecord(['a', 4], ['b', 4], ['c', 4]), crashesRecord(['a', 0]), batch);
    expect(['a', 'b', 'c'].map((id) => crashes.of(id))).toEqual([0, 0, 4]);
  });

  it('count only where the owner wrote them', () => {
    expect(recovered(OPENING, { ...crashesRecord(['a', 1]), nonce: 'somebody else' }).of('a')).toBe(0);
  });

  it('are read as they were written, and nothing else is', () => {
    const record = crashesRecord(['a', 1], ['b', 0]);
    expect(decodeRecord(encodeRecord(record))).toMatchObject(record);
    const wrong = (counts: unknown) => Buffer.from(JSON.stringify({ v: 1, kind: 'deaths', nonce: 'n', counts }));
    expect(() => decodeRecord(wrong('a'))).toThrow('counts must be a list');
    expect(() => decodeRecord(wrong([['a', 'b']]))).toThrow('a count must be a number');
    expect(() => decodeRecord(wrong([['a']]))).toThrow('an entry must be [key, value]');
    expect(() => decodeRecord(wrong([[1, 1]]))).toThrow('1 must be a string');
  });
});
