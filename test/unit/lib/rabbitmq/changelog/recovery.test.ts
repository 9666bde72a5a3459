import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangelogRecord } from '../../../../../lib/rabbitmq/changelog/changelog-record.js';
import { decodeRecord, encodeRecord } from '../../../../../lib/rabbitmq/changelog/changelog-record.js';
import { CrashCounts } from '../../../../../lib/rabbitmq/changelog/crashes.js';
import { HandledWindow } from '../../../../../lib/rabbitmq/changelog/handled-window.js';
import { Recovery } from '../../../../../lib/rabbitmq/changelog/recovery.js';
import { LogSize, recordBytes } from '../../../../../lib/rabbitmq/changelog/retention.js';
import { snapshotParts } from '../../../../../lib/rabbitmq/changelog/snapshot.js';
import type { EncodedMessage } from '../../../../../lib/rabbitmq/publishing/encoded-message.js';
import { StagedStore } from '../../../../../lib/state/staged-store.js';

const BILL: EncodedMessage = {
  exchange: '',
  routingKey: 'bills',
  content: Buffer.from('{"price":"é"}'),
  messageId: 'bill-1',
  mustRoute: true,
  properties: { persistent: true, type: 'bill' },
};

function newMemory(handledWindow = 100) {
  return {
    store: new StagedStore<number>(),
    handled: new HandledWindow(handledWindow),
    crashes: new CrashCounts(),
    size: new LogSize(),
  };
}

function recoveryOf(records: readonly ChangelogRecord<number>[], fromStart = true, handledWindow?: number) {
  const memory = newMemory(handledWindow);
  const recovery = new Recovery(memory, fromStart);
  for (const record of records) {
    const content = encodeRecord(record);
    recovery.take(decodeRecord<number>(content), content.length);
  }
  recovery.finish();
  return { recovery, memory, state: Object.fromEntries(memory.store.entries()), handled: [...memory.handled] };
}

const opening = (nonce: string): ChangelogRecord<number> => ({ kind: 'opening', nonce });

function batch(
  nonce: string,
  key: string,
  value: number | undefined,
  outgoing: EncodedMessage[] = [],
): ChangelogRecord<number> {
  return { kind: 'batch', nonce, handled: [`${key}${value}`], changes: [{ key, value }], outgoing };
}

function snapshot(nonce: string, state: Record<string, number>, handled: string[] = []): ChangelogRecord<number>[] {
  return [
    { kind: 'snapshot begin', nonce, snapshot: 's' },
    { kind: 'snapshot part', nonce, snapshot: 's', index: 0, handled, entries: Object.entries(state) },
    { kind: 'snapshot end', nonce, snapshot: 's', parts: 1 },
  ];
}

describe('a recovery', () => {
  it('gives what the owner wrote, deletions too', () => {
    const { state, handled } = recoveryOf([
      opening('A'),
      batch('A', 'x', 1),
      batch('A', 'y', 2),
      batch('A', 'x', undefined),
    ]);
    expect(state).toEqual({ y: 2 });
    expect(handled).toEqual(['x1', 'y2', 'xundefined']);
  });

  it('remembers the newest identities, as many as the window holds', () => {
    const records = Array.from({ length: 10 }, (_, value) => batch('A', 'x', value));
    const newest = Array.from({ length: 10 }, (_, value) => `x${value}`);
    for (let window = 0; window <= 11; window++) {
      const { handled } = recoveryOf([opening('A'), ...records], true, window);
      expect(handled).toEqual(newest.slice(Math.max(0, 10 - window)));
    }
  });

  it('ignores an owner who was replaced and does not know it', () => {
    const { state, recovery } = recoveryOf([
      opening('A'),
      batch('A', 'x', 1),
      opening('B'),
      batch('A', 'x', 9),
      batch('B', 'y', 2),
    ]);
    expect(state).toEqual({ x: 1, y: 2 });
    expect(recovery.ignored).toBe(1);
  });

  it('asks for the last batch to be sent again, across openings that wrote nothing', () => {
    const { recovery } = recoveryOf([opening('A'), batch('A', 'x', 1, [BILL]), opening('B'), opening('C')]);
    expect(recovery.unconfirmed).toEqual([BILL]);
  });

  it('asks for nothing where nothing was ever sent', () => {
    expect(recoveryOf([opening('A')]).recovery.unconfirmed).toEqual([]);
  });

  it('asks for nothing that a later batch or a snapshot proves to be confirmed', () => {
    expect(recoveryOf([opening('A'), batch('A', 'x', 1, [BILL]), batch('A', 'x', 2)]).recovery.unconfirmed).toEqual([]);
    const [begin] = snapshot('A', {}) as [ChangelogRecord<number>];
    expect(recoveryOf([opening('A'), batch('A', 'x', 1, [BILL]), begin]).recovery.unconfirmed).toEqual([]);
  });

  it('asks for nothing once the owner has marked it confirmed; the mark of one who was replaced does not count', () => {
    const sent = [opening('A'), batch('A', 'x', 1, [BILL])];
    const mark = (nonce: string): ChangelogRecord<number> => ({ kind: 'confirmed', nonce });
    expect(recoveryOf([...sent, mark('A'), opening('B')]).recovery.unconfirmed).toEqual([]);
    expect(recoveryOf([...sent, opening('B'), mark('A')]).recovery.unconfirmed).toEqual([BILL]);
    expect(recoveryOf([...sent, mark('A'), batch('A', 'x', 2, [BILL])]).recovery.unconfirmed).toEqual([BILL]);
  });

  it('is whole from a snapshot on when the beginning is gone, and only then', () => {
    const tail = [batch('A', 'x', 1), ...snapshot('A', { x: 1, y: 5 }, ['old']), batch('A', 'x', 2)];
    expect(recoveryOf(tail, false)).toMatchObject({
      state: { x: 2, y: 5 },
      handled: ['old', 'x2'],
      recovery: { whole: true },
    });
    expect(recoveryOf([opening('A'), batch('A', 'x', 1)], false).recovery.whole).toBe(false);
  });

  it('takes no part of a snapshot that was not finished', () => {
    const [begin, part, end] = snapshot('A', { x: 7 }) as [
      ChangelogRecord<number>,
      ChangelogRecord<number>,
      ChangelogRecord<number>,
    ];
    const history = [opening('A'), batch('A', 'x', 1), begin, part, opening('B'), batch('B', 'y', 2), end];
    expect(recoveryOf(history).state).toEqual({ x: 1, y: 2 });
    expect(recoveryOf([opening('A'), batch('A', 'x', 1), begin, end]).state).toEqual({ x: 1 });
  });

  it('takes no part of another snapshot, nor an end without its beginning', () => {
    const part = (snapshot: string, index: number, key: string): ChangelogRecord<number> => {
      return { kind: 'snapshot part', nonce: 'A', snapshot, index, handled: [key], entries: [[key, index]] };
    };
    const end = (snapshot: string): ChangelogRecord<number> => ({
      kind: 'snapshot end',
      nonce: 'A',
      snapshot,
      parts: 1,
    });
    const begin: ChangelogRecord<number> = { kind: 'snapshot begin', nonce: 'A', snapshot: 's' };
    const before = [opening('A'), batch('A', 'x', 1)];
    expect(recoveryOf([...before, begin, part('t', 0, 'y'), end('s')]).state).toEqual({ x: 1 });
    expect(recoveryOf([...before, begin, part('s', 0, 'y'), end('t')]).state).toEqual({ x: 1 });
    expect(recoveryOf([...before, part('s', 0, 'y'), end('s')]).state).toEqual({ x: 1 });
    expect(recoveryOf([...before, end('s')], false).recovery.whole).toBe(false);
    expect(recoveryOf([...before, begin, part('s', 0, 'y'), end('s')]).state).toEqual({ y: 0 });
  });

  it('puts the parts of a snapshot in order', () => {
    const [begin] = snapshot('A', {}) as [ChangelogRecord<number>];
    const parts = [2, 0, 1].map((index): ChangelogRecord<number> => {
      return { kind: 'snapshot part', nonce: 'A', snapshot: 's', index, handled: [`id-${index}`], entries: [] };
    });
    const end: ChangelogRecord<number> = { kind: 'snapshot end', nonce: 'A', snapshot: 's', parts: 3 };
    expect(recoveryOf([opening('A'), begin, ...parts, end]).handled).toEqual(['id-0', 'id-1', 'id-2']);
  });

  it('passes over what stands before a snapshot when the opening is gone', () => {
    const { recovery, state } = recoveryOf([batch('A', 'y', 1), ...snapshot('A', { x: 1 })], false);
    expect(state).toEqual({ x: 1 });
    expect(recovery.ignored).toBe(1);
    expect(recovery.unconfirmed).toEqual([]);
  });

  it('forgets what memory held, and counts all that it reads, be it a record or not', () => {
    const memory = newMemory();
    memory.store.set('old', 1);
    memory.store.commit();
    memory.handled.add('old');
    memory.crashes.set('old', 3);
    memory.size.add(1_000);
    const recovery = new Recovery(memory, true);
    expect([...memory.store.entries()]).toEqual([]);
    expect([...memory.handled]).toEqual([]);
    expect(memory.handled.has('old')).toBe(false);
    expect(memory.crashes.of('old')).toBe(0);
    expect(memory.size).toMatchObject({ needed: 0, sinceSnapshot: 0 });
    recovery.skip(100);
    recovery.take(opening('A'), 50);
    recovery.take(batch('B', 'x', 1), 30);
    expect(memory.size.needed).toBe(recordBytes(100) + recordBytes(50) + recordBytes(30));
  });

  it('follows every owner, whatever sleepers and snapshots come between', () => {
    const owner = fc.constantFrom(0, 1, 2, 3);
    const key = fc.constantFrom('a', 'b', 'c');
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('batch' as const),
          owner,
          key,
          value: fc.option(fc.nat(9), { nil: undefined }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), owner }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('snapshot' as const), owner }) },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), (events) => {
        const model = new Map<string, number>();
        const history: ChangelogRecord<number>[] = [opening('0')];
        let current = 0;
        for (const step of events) {
          const nonce = String(step.owner);
          if (step.do === 'open') {
            current = step.owner;
            history.push(opening(nonce));
          } else if (step.do === 'snapshot') {
            // A replaced owner's snapshot shows an outdated state.
            const state = step.owner === current ? Object.fromEntries(model) : { stale: 1 };
            history.push(...snapshot(nonce, state));
          } else {
            history.push(batch(nonce, step.key, step.value));
            if (step.owner !== current) continue;
            if (step.value === undefined) model.delete(step.key);
            else model.set(step.key, step.value);
          }
        }
        expect(recoveryOf(history).state).toEqual(Object.fromEntries(model));
      }),
    );
  });
});

describe('snapshot parts', () => {
  it('are filled up to the limit, and none is empty but the only one', () => {
    const { store, handled } = newMemory();
    const sizes = (limit: number) => [...snapshotParts(store, handled, limit)].map((part) => part.handled.length);
    expect(sizes(10)).toEqual([0]);
    for (const identity of ['aa', 'bb', 'cc', 'dd', 'ee']) handled.add(identity);
    // Each takes four bytes of JSON and a comma.
    expect(sizes(9)).toEqual([1, 1, 1, 1, 1]);
    expect(sizes(10)).toEqual([2, 2, 1]);
    expect(sizes(100)).toEqual([5]);
    expect(sizes(1)).toEqual([1, 1, 1, 1, 1]);
  });

  it('hold everything once, each within the limit but for a single larger item', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.nat()),
        fc.uniqueArray(fc.string()),
        fc.integer({ min: 10, max: 200 }),
        (state, identities, limit) => {
          const { store, handled } = newMemory();
          for (const [key, value] of Object.entries(state)) store.set(key, value);
          store.commit();
          for (const identity of identities) handled.add(identity);
          const parts = [...snapshotParts(store, handled, limit)];
          expect(parts.flatMap(({ entries }) => entries)).toEqual([...store.entries()]);
          expect(parts.flatMap((part) => part.handled)).toEqual([...handled]);
          expect(parts.map(({ index }) => index)).toEqual(parts.map((_, index) => index));
          for (const part of parts) {
            const items = [...part.entries, ...part.handled];
            if (items.length > 1)
              expect(items.reduce((sum, item) => sum + JSON.stringify(item).length, 0)).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });
});
