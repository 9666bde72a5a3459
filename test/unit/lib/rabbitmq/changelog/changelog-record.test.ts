import { describe, expect, it } from 'vitest';
import {
  type ChangelogRecord,
  decodeRecord,
  encodeRecord,
} from '../../../../../lib/rabbitmq/changelog/changelog-record.js';

/** As an earlier version wrote it. */
const OLD_BATCH = {
  v: 1,
  kind: 'batch',
  nonce: 'A',
  handled: ['id'],
  changes: [['gone'], ['here', null]],
  outgoing: [
    { exchange: '', routingKey: 'bills', content: 'é', messageId: 'b', mustRoute: true, properties: { type: 'bill' } },
  ],
};
const [SENT] = OLD_BATCH.outgoing;
const { outgoing: _outgoing, ...WITHOUT_OUTGOING } = OLD_BATCH;
const BATCH = {
  ...WITHOUT_OUTGOING,
  v: 2,
  properties: [{ type: 'bill' }, { type: 'alert' }],
  outgoing: [
    ['', 'bills', 'b', true, 0, 2],
    ['x', 'ada', 'c', false, 1, 0],
    ['', 'bills', 'd', true, 0, 3],
  ],
};
const BODIES = '\né\n\n\n\n\n';
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
    const bill = { type: 'bill' };
    const record: ChangelogRecord<unknown> & { kind: 'batch' } = {
      kind: 'batch',
      nonce: 'A',
      handled: ['id'],
      changes: [
        { key: 'gone', value: undefined },
        { key: 'here', value: null },
      ],
      outgoing: [
        {
          exchange: '',
          routingKey: 'bills',
          messageId: 'b',
          mustRoute: true,
          content: Buffer.from('é'),
          properties: bill,
        },
        {
          exchange: 'x',
          routingKey: 'ada',
          messageId: 'c',
          mustRoute: false,
          content: Buffer.from(''),
          properties: { type: 'alert' },
        },
        {
          exchange: '',
          routingKey: 'bills',
          messageId: 'd',
          mustRoute: true,
          content: Buffer.from('\n\n\n'),
          properties: bill,
        },
      ],
    };
    const encoded = encodeRecord(record);
    const [json = '', ...bodies] = encoded.toString().split('\n');
    expect(JSON.parse(json)).toEqual(BATCH);
    expect(['', ...bodies].join('\n')).toBe(BODIES);
    expect(decodeRecord(encoded)).toEqual(record);
    expect(decodeRecord(encodeRecord({ ...record, outgoing: [] }))).toEqual({ ...record, outgoing: [] });
  });

  it('of a batch of the version before has its changes and what it sent as they were told then', () => {
    const record = decode(OLD_BATCH) as ChangelogRecord<unknown> & { kind: 'batch' };
    expect(record.changes).toEqual([
      { key: 'gone', value: undefined },
      { key: 'here', value: null },
    ]);
    expect(record.outgoing).toEqual([{ ...SENT, content: Buffer.from('é') }]);
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
    ['another version', { ...OLD_BATCH, v: 3 }, 'kind "batch" of version 3 is unknown'],
    ['a kind that is unknown', { ...OLD_BATCH, kind: '__proto__' }, 'kind "__proto__" of version 1 is unknown'],
    ['no nonce', { ...OLD_BATCH, nonce: undefined }, 'undefined must be a string'],
    ['handled that is not a list', { ...OLD_BATCH, handled: 'id' }, 'handled must be a list'],
    ['an identity that is not text', { ...OLD_BATCH, handled: [1] }, '1 must be a string'],
    ['a change that is none', { ...OLD_BATCH, changes: ['x'] }, 'a change must be [key] or [key, value]'],
    ['a change of three', { ...OLD_BATCH, changes: [['x', 1, 2]] }, 'a change must be [key] or [key, value]'],
    ['a key that is not text', { ...OLD_BATCH, changes: [[1, 2]] }, '1 must be a string'],
    ['outgoing null', { ...OLD_BATCH, outgoing: [null] }, 'an outgoing message is incomplete'],
    ['outgoing without properties', sent({ properties: undefined }), 'an outgoing message is incomplete'],
    ['outgoing with properties null', sent({ properties: null }), 'an outgoing message is incomplete'],
    ['outgoing with a list of properties', sent({ properties: [] }), 'an outgoing message is incomplete'],
    ['outgoing that may or must route', sent({ mustRoute: 1 }), 'an outgoing message is incomplete'],
    ['outgoing without content', sent({ content: undefined }), 'undefined must be a string'],
    ['outgoing without an exchange', sent({ exchange: undefined }), 'undefined must be a string'],
    ['outgoing without a routing key', sent({ routingKey: undefined }), 'undefined must be a string'],
    ['outgoing without an id', sent({ messageId: undefined }), 'undefined must be a string'],
    ['a count of one', { v: 1, kind: 'deaths', nonce: 'A', counts: [['id']] }, 'an entry must be [key, value]'],
    ['a count that is none', { v: 1, kind: 'deaths', nonce: 'A', counts: [['id', '1']] }, 'a count must be a number'],
    ['a snapshot without a name', { v: 1, kind: 'snapshot begin', nonce: 'A' }, 'undefined must be a string'],
    ['an end without its parts', { ...snapshot, kind: 'snapshot end', parts: '1' }, 'parts must be a number'],
    ['a part without its place', { ...snapshot, kind: 'snapshot part' }, 'index must be a number'],
    [
      'an entry of three',
      { ...snapshot, kind: 'snapshot part', index: 0, handled: [], entries: [['a', 1, 2]] },
      'an entry must be [key, value]',
    ],
    [
      'entries that are none',
      { ...snapshot, kind: 'snapshot part', index: 0, handled: [], entries: ['ab'] },
      'an entry must be [key, value]',
    ],
  ])('with %s is refused', (_, record, problem) => {
    expect(() => decode(record)).toThrow(problem);
  });
});

describe('a batch', () => {
  const [bill = []] = BATCH.outgoing;
  it.each([
    ['handled that is not a list', { ...BATCH, handled: 'id' }, BODIES, 'handled must be a list'],
    ['properties that are not a list', { ...BATCH, properties: {} }, BODIES, 'properties must be a list'],
    ['outgoing that is not a list', { ...BATCH, outgoing: {} }, BODIES, 'outgoing must be a list'],
    ['a change that is none', { ...BATCH, changes: ['x'] }, BODIES, 'a change must be [key] or [key, value]'],
    ['a message that is not a list', { ...BATCH, outgoing: [{}] }, '', 'an outgoing message must be a list'],
    ['properties that are not there', { ...BATCH, properties: [] }, BODIES, 'an outgoing message is incomplete'],
    ['properties that are none', { ...BATCH, properties: ['x'] }, BODIES, 'an outgoing message is incomplete'],
    ['a message that may or must route', replaced(3, 1), '\né', 'an outgoing message is incomplete'],
    ['a message of no length', replaced(5, null), '\né', 'an outgoing message is incomplete'],
    ['a message of a negative length', replaced(5, -1), '', 'an outgoing message is incomplete'],
    ['an exchange that is not text', replaced(0, 1), '\né', '1 must be a string'],
    ['a routing key that is not text', replaced(1, 1), '\né', '1 must be a string'],
    ['an id that is not text', replaced(2, 1), '\né', '1 must be a string'],
    ['bodies that are cut', BATCH, BODIES.slice(0, -1), 'do not have the length they should have'],
    ['more than its bodies', BATCH, `${BODIES}!`, 'do not have the length they should have'],
  ])('with %s is refused', (_, record, bodies, problem) => {
    expect(() => decodeRecord(Buffer.from(JSON.stringify(record) + bodies))).toThrow(problem);
  });

  function replaced(field: number, value: unknown) {
    return { ...BATCH, outgoing: [bill.with(field, value as never)] };
  }
});

function sent(change: Record<string, unknown>) {
  return { ...OLD_BATCH, outgoing: [{ ...SENT, ...change }] };
}
