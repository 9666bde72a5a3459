import { describe, expect, it } from 'vitest';
import { type ChangelogRecord, decodeRecord, encodeRecord } from '../../lib/rabbitmq/changelog/record.js';

const BATCH = {
  v: 1,
  kind: 'batch',
  nonce: 'A',
  handled: ['id'],
  changes: [['gone'], ['here', null]],
  outgoing: [
    { exchange: '', routingKey: 'bills', content: 'é', messageId: 'b', mustRoute: true, properties: { type: 'bill' } },
  ],
};
const [SENT] = BATCH.outgoing;
const snapshot = { v: 1, nonce: 'A', snapshot: 's' };
const decode = (record: unknown) => decodeRecord(Buffer.from(JSON.stringify(record)));

describe('a record', () => {
  it.each<ChangelogRecord<unknown>>([
    { kind: 'opening', nonce: 'A' },
    { kind: 'confirmed', nonce: 'A' },
    { kind: 'deaths', nonce: 'A', counts: [['id', 2]] },
    { kind: 'snapshot begin', nonce: 'A', snapshot: 's' },
    { kind: 'snapshot part', nonce: 'A', snapshot: 's', index: 0, handled: ['id'], entries: [['key', { deep: [1] }]] },
    { kind: 'snapshot end', nonce: 'A', snapshot: 's', parts: 1 },
  ])('of kind $kind is read as it was written', (record) => {
    expect(decodeRecord(encodeRecord(record))).toEqual({ v: 1, ...record });
  });

  it('of a batch has its changes and what it sent as they are told here, for streams outlive a version', () => {
    const record = decode(BATCH) as ChangelogRecord<unknown> & { kind: 'batch' };
    expect(record.changes).toEqual([
      { key: 'gone', value: undefined },
      { key: 'here', value: null },
    ]);
    expect(record.outgoing).toEqual([{ ...SENT, content: Buffer.from('é') }]);
    expect(JSON.parse(encodeRecord(record).toString())).toEqual(BATCH);
  });

  it.each([
    ['not JSON', Buffer.from('{'), 'JSON'],
    ['a list', Buffer.from('[]'), 'not an object'],
    ['null', Buffer.from('null'), 'not an object'],
    ['a number', Buffer.from('5'), 'not an object'],
  ])('that is %s is refused', (_, content, problem) => {
    expect(() => decodeRecord(content)).toThrow(problem);
  });

  it.each([
    ['another version', { ...BATCH, v: 2 }, 'version 2 is unknown'],
    ['a kind that is unknown', { ...BATCH, kind: '__proto__' }, 'kind "__proto__" is unknown'],
    ['no nonce', { ...BATCH, nonce: undefined }, 'undefined is no string'],
    ['handled that is no list', { ...BATCH, handled: 'id' }, 'handled is no list'],
    ['an identity that is no text', { ...BATCH, handled: [1] }, '1 is no string'],
    ['a change that is none', { ...BATCH, changes: ['x'] }, 'a change is no [key] or [key, value]'],
    ['a change of three', { ...BATCH, changes: [['x', 1, 2]] }, 'a change is no [key] or [key, value]'],
    ['a key that is no text', { ...BATCH, changes: [[1, 2]] }, '1 is no string'],
    ['outgoing null', { ...BATCH, outgoing: [null] }, 'an outgoing message is incomplete'],
    ['outgoing without properties', sent({ properties: undefined }), 'an outgoing message is incomplete'],
    ['outgoing with properties null', sent({ properties: null }), 'an outgoing message is incomplete'],
    ['outgoing with a list of properties', sent({ properties: [] }), 'an outgoing message is incomplete'],
    ['outgoing that may or must route', sent({ mustRoute: 1 }), 'an outgoing message is incomplete'],
    ['outgoing without content', sent({ content: undefined }), 'undefined is no string'],
    ['outgoing without an exchange', sent({ exchange: undefined }), 'undefined is no string'],
    ['outgoing without a routing key', sent({ routingKey: undefined }), 'undefined is no string'],
    ['outgoing without an id', sent({ messageId: undefined }), 'undefined is no string'],
    ['a count of one', { v: 1, kind: 'deaths', nonce: 'A', counts: [['id']] }, 'an entry is no [key, value]'],
    ['a count that is none', { v: 1, kind: 'deaths', nonce: 'A', counts: [['id', '1']] }, 'a count is no number'],
    ['a snapshot without a name', { v: 1, kind: 'snapshot begin', nonce: 'A' }, 'undefined is no string'],
    ['an end without its parts', { ...snapshot, kind: 'snapshot end', parts: '1' }, 'parts is no number'],
    ['a part without its place', { ...snapshot, kind: 'snapshot part' }, 'index is no number'],
    [
      'an entry of three',
      { ...snapshot, kind: 'snapshot part', index: 0, handled: [], entries: [['a', 1, 2]] },
      'an entry is no [key, value]',
    ],
    [
      'entries that are none',
      { ...snapshot, kind: 'snapshot part', index: 0, handled: [], entries: ['ab'] },
      'an entry is no [key, value]',
    ],
  ])('with %s is refused', (_, record, problem) => {
    expect(() => decode(record)).toThrow(problem);
  });
});

function sent(change: Record<string, unknown>) {
  return { ...BATCH, outgoing: [{ ...SENT, ...change }] };
}
