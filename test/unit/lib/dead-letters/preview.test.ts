import { describe, expect, it } from 'vitest';
import { type Previewable, type Property, previewOf, readPreview } from '../../../../lib/dead-letters/preview.js';

function message(content: Uint8Array | string, properties: Previewable['properties'] = {}): Previewable {
  return { fields: { exchange: 'orders', routingKey: 'new' }, content: Buffer.from(content), properties };
}

function shown(headers: object): readonly Property[] {
  return previewOf(message('', { headers })).properties;
}

const VALUE = 'x'.repeat(400);

describe('a preview', () => {
  it('says where the message was sent, and shows properties before headers', () => {
    const headers = { traceparent: '00-1', attempts: 2 };
    expect(previewOf(message('{}', { headers, messageId: 'm', appId: undefined, timestamp: null }))).toEqual({
      exchange: 'orders',
      routingKey: 'new',
      body: '{}',
      bodyBytes: 2,
      properties: [
        { name: 'messageId', value: 'm' },
        { name: 'header traceparent', value: '00-1' },
        { name: 'header attempts', value: '2' },
      ],
    });
  });

  it('keeps a body of 2,000 characters, and truncates a longer one', () => {
    expect(previewOf(message('é'.repeat(2_000)))).toMatchObject({ body: 'é'.repeat(2_000), bodyBytes: 4_000 });
    expect(previewOf(message('é'.repeat(2_001)))).toMatchObject({ body: `${'é'.repeat(2_000)}…`, bodyBytes: 4_002 });
    expect(previewOf(message('€'.repeat(100_000)))).toMatchObject({
      body: `${'€'.repeat(2_000)}…`,
      bodyBytes: 300_000,
    });
  });

  it('shows bytes that are not UTF-8 as replacement characters', () => {
    expect(previewOf(message(Buffer.from([0x61, 0xff]))).body).toBe('a\u{fffd}');
  });

  it('shows a header that is called __proto__', () => {
    expect(shown({ ['__proto__']: 'data' })).toEqual([{ name: 'header __proto__', value: 'data' }]);
  });

  it('leaves out the offset in a stream, which the broker adds', () => {
    expect(shown({ 'x-stream-offset': 7, 'x-other': 8 })).toEqual([{ name: 'header x-other', value: '8' }]);
  });

  it.each([
    ['a number', 1.5, '1.5'],
    ['nothing', null, 'null'],
    ['bytes', Buffer.from('four'), '4 bytes'],
    ['a list', [1, 'two', [3]], '1, two, 3'],
    ['a table', { a: 1, b: { c: true } }, 'a: 1, b: c: true'],
    ['a time', { '!': 'timestamp', value: 1_767_614_400 }, '2026-01-05T12:00:00.000Z'],
    ['a time that no date can hold', { '!': 'timestamp', value: 1e15 }, '1000000000000000'],
    ['what is nested four deep', [[[['end']]]], 'end'],
    ['what is nested deeper', [[[[['end']]]]], '…'],
    ['a table that is nested deeper', { a: { b: { c: { d: {} } } } }, 'a: b: c: d: …'],
  ])('shows %s as text', (_, value, text) => {
    expect(shown({ value })).toEqual([{ name: 'header value', value: text }]);
  });

  it('reads no deeper than people do', () => {
    let deep: unknown = 'end';
    for (let depth = 0; depth < 100_000; depth++) deep = { deep };
    expect(shown({ deep })).toEqual([{ name: 'header deep', value: 'deep: deep: deep: deep: …' }]);
  });

  it('reads no more than 40 items of a list, of a table, and of the headers', () => {
    const items = Array.from({ length: 41 }, (_, index) => index);
    const table = Object.fromEntries(items.map((item) => [`k${item}`, item]));
    const first = items.slice(0, 40);
    expect(shown({ items })[0]?.value).toBe(first.join(', '));
    expect(shown({ table })[0]?.value).toBe(first.map((item) => `k${item}: ${item}`).join(', '));
    expect(shown(table)).toEqual(first.map((item) => ({ name: `header k${item}`, value: String(item) })));
  });
});

describe('a preview that came from outside', () => {
  const PREVIEW = { exchange: 'orders', routingKey: 'new', body: '{}', bodyBytes: 2, properties: [] };

  it('is read as it was written, truncated or not', () => {
    for (const body of ['{}', 'x'.repeat(5_000)]) {
      const preview = previewOf(message(body, { messageId: 'm', headers: { long: 'x'.repeat(500) } }));
      expect(readPreview(JSON.parse(JSON.stringify(preview)))).toEqual(preview);
    }
  });

  it.each([
    undefined,
    null,
    5,
    { ...PREVIEW, exchange: 1 },
    { ...PREVIEW, routingKey: 1 },
    { ...PREVIEW, body: 1 },
    { ...PREVIEW, bodyBytes: 1.5 },
    { ...PREVIEW, properties: {} },
  ])('is undefined for %j', (value) => {
    expect(readPreview(value)).toBeUndefined();
  });

  it('has names of at most 255 characters, a truncated body, and no negative size', () => {
    const long = 'x'.repeat(3_000);
    expect(readPreview({ ...PREVIEW, exchange: long, routingKey: long, body: long, bodyBytes: -1 })).toEqual({
      exchange: 'x'.repeat(255),
      routingKey: 'x'.repeat(255),
      body: `${'x'.repeat(2_001)}…`,
      bodyBytes: 0,
      properties: [],
    });
  });

  it('keeps only properties that are text, and nothing else of them', () => {
    const property = { name: 'n', value: 'v' };
    const properties = [null, 'n', { name: 1, value: 'v' }, { name: 'n', value: 1 }, { ...property, more: 1 }];
    expect(readPreview({ ...PREVIEW, properties })?.properties).toEqual([property]);
  });

  it('truncates long names and values, and holds at most 40 properties', () => {
    const read = (properties: readonly Property[]) => readPreview({ ...PREVIEW, properties })?.properties;
    const long = { name: `${VALUE}y`, value: `${VALUE}y` };
    expect(read([{ name: VALUE, value: VALUE }, long])).toEqual([
      { name: VALUE, value: VALUE },
      { name: `${VALUE}…`, value: `${VALUE}…` },
    ]);
    expect(read(Array.from({ length: 41 }, () => ({ name: 'n', value: 'v' })))).toHaveLength(40);
  });

  it('holds at most 4,000 characters of names and values', () => {
    const full = Array.from({ length: 10 }, (_, index) => ({ name: String(index), value: VALUE.slice(1) }));
    const read = readPreview({ ...PREVIEW, properties: [...full, { name: '', value: 'x' }] });
    expect(read?.properties).toEqual(full);
  });
});
