import { expect, it } from 'vitest';
import { decodeLogEntry, encodeLogEntry, type LogEntry } from '../../../../lib/dead-letters/log-entry.js';

const ENTRY: LogEntry = { kind: 'rejected', id: 'a', at: 'then', queue: 'q', reason: 'why', messageId: 'm', by: 'ada' };
const { queue: _queue, messageId: _messageId, by: _by, ...BARE } = ENTRY;

it.each<LogEntry>([ENTRY, { ...ENTRY, kind: 'redriven' }, { ...ENTRY, kind: 'purged' }, BARE])(
  'an entry is read as it was written: %j',
  (entry) => {
    expect(decodeLogEntry(encodeLogEntry(entry))).toEqual(entry);
  },
);

it('a reason is truncated as it is written', () => {
  expect(JSON.parse(encodeLogEntry({ ...ENTRY, reason: 'x'.repeat(5_000) }))).toMatchObject({
    reason: 'x'.repeat(1_000),
  });
});

it.each([
  ['{'],
  ['null'],
  ['5'],
  [JSON.stringify({ v: 2, ...ENTRY })],
  [JSON.stringify({ v: 1, ...ENTRY, kind: 'lost' })],
  [JSON.stringify({ v: 1, ...ENTRY, id: 1 })],
  [JSON.stringify({ v: 1, ...ENTRY, at: 1 })],
  [JSON.stringify({ v: 1, ...ENTRY, reason: 1 })],
])('%s is none', (json) => {
  expect(decodeLogEntry(json)).toBeUndefined();
});

it('what somebody else wrote is cut and bounded as it is read', () => {
  const long = 'x'.repeat(1_000_000);
  const read = (more: object) => decodeLogEntry(JSON.stringify({ v: 1, ...ENTRY, ...more }));
  expect(read({ reason: long })?.reason).toHaveLength(1_000);
  expect(read({ queue: long, messageId: long, by: long })).toEqual(BARE);
  for (const name of ['id', 'at']) {
    expect(read({ [name]: 'x'.repeat(255) })).toMatchObject({ [name]: 'x'.repeat(255) });
    expect(read({ [name]: 'x'.repeat(256) })).toBeUndefined();
  }
});

const PREVIEW = {
  exchange: 'orders',
  routingKey: 'new',
  body: '{}',
  bodyBytes: 2,
  properties: [{ name: 'messageId', value: 'm' }],
};

it('keeps what was rejected, bounded as it is read', () => {
  const entry = { ...ENTRY, message: PREVIEW };
  expect(decodeLogEntry(encodeLogEntry(entry))).toEqual(entry);
  const long = 'x'.repeat(100_000);
  const properties = Array.from({ length: 1_000 }, () => ({ name: long, value: long }));
  const hostile = { ...ENTRY, message: { ...PREVIEW, exchange: long, body: long, properties } };
  const read = decodeLogEntry(JSON.stringify({ v: 1, ...hostile }));
  expect(JSON.stringify(read).length).toBeLessThan(7_000);
});

it.each([[5], [{}], [{ ...PREVIEW, body: 1 }], [{ ...PREVIEW, bodyBytes: '2' }], [{ ...PREVIEW, properties: {} }]])(
  'an entry whose message is %j tells the rest',
  (message) => {
    expect(decodeLogEntry(JSON.stringify({ v: 1, ...ENTRY, message }))).toEqual(ENTRY);
  },
);

it('leaves out what is not text', () => {
  expect(decodeLogEntry(JSON.stringify({ v: 1, ...ENTRY, queue: 1, messageId: 2, by: 4, more: 3 }))).toStrictEqual(
    BARE,
  );
});
