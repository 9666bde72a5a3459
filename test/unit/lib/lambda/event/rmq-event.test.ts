import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RmqEvent } from '../../../../../lib/lambda/event/rmq-event.js';
import { buildRmqEvent, type Delivery } from '../../../../../lib/lambda/event/rmq-event-builder.js';
import { rmqEventSchema } from '../../../../../lib/lambda/event/rmq-event-schema.js';
import { decodeRmqEvent } from '../../../../../lib/lambda/event/rmq-records.js';
import { formatTimestamp, parseTimestamp } from '../../../../../lib/lambda/event/timestamp-text.js';
import { type DecodedRmqEvent, rmqRecords } from '../../../../../lib/lambda/function/rmq-middleware.js';

const SOURCE = {
  queue: 'pizzaQueue',
  vhost: '/',
  eventSourceArn: 'arn:aws:mq:us-west-2:111122223333:broker:pizzaBroker:b-1',
};

function delivery(properties: Record<string, unknown>, body = ''): Delivery {
  return { content: Buffer.from(body), properties: properties as never, fields: { redelivered: false } };
}

describe('the aws:rmq event', () => {
  it('is what AWS documents, to the order of its keys', () => {
    const message = delivery(
      {
        contentType: 'text/plain',
        headers: { header1: 'value1', numberInHeader: 10 },
        deliveryMode: 1,
        priority: 34,
        expiration: '60000',
        timestamp: 2021,
        userId: 'AIDACKCEVSQ6C2EXAMPLE',
      },
      '{"timeout":0,"data":"CZrmf0Gw8Ov4bqLQxD4E"}',
    );
    expect(JSON.stringify(buildRmqEvent(SOURCE, [message]))).toBe(
      '{"eventSourceArn":"arn:aws:mq:us-west-2:111122223333:broker:pizzaBroker:b-1","rmqMessagesByQueue":{"pizzaQueue::/":[{' +
        '"basicProperties":{"contentType":"text/plain","contentEncoding":null,"headers":{"header1":{"bytes":[118,97,108,117,101,49]},' +
        '"numberInHeader":10},"deliveryMode":1,"priority":34,"correlationId":null,"replyTo":null,"expiration":"60000",' +
        '"messageId":null,"timestamp":"Jan 1, 1970, 12:33:41 AM","type":null,"userId":"AIDACKCEVSQ6C2EXAMPLE","appId":null,' +
        '"clusterId":null,"bodySize":43},"redelivered":false,' +
        '"data":"eyJ0aW1lb3V0IjowLCJkYXRhIjoiQ1pybWYwR3c4T3Y0YnFMUXhENEUifQ=="}]},"eventSource":"aws:rmq"}',
    );
  });

  it('has null headers where none were sent, and keeps __proto__ as data', () => {
    const hostile = JSON.parse('{"__proto__":"x"}') as object;
    const event = buildRmqEvent(SOURCE, [delivery({}), delivery({ headers: {} }), delivery({ headers: hostile })]);
    const [none, empty, proto] = event.rmqMessagesByQueue['pizzaQueue::/'] ?? [];
    expect(none?.basicProperties.headers).toBeNull();
    expect(empty?.basicProperties.headers).toEqual({});
    expect(Object.keys(proto?.basicProperties.headers ?? {})).toEqual(['__proto__']);
  });

  it('survives headers nested deeper than any stack', () => {
    let headers: object = {};
    for (let depth = 0; depth < 50_000; depth++) headers = { headers };
    expect(() => JSON.stringify(buildRmqEvent(SOURCE, [delivery({ headers })]))).not.toThrow();
  });

  it('has queue names and virtual hosts as they are', () => {
    const source = { ...SOURCE, queue: 'bestellungen-grün', vhost: '/a/b' };
    expect(Object.keys(buildRmqEvent(source, [delivery({})]).rmqMessagesByQueue)).toEqual(['bestellungen-grün::/a/b']);
  });

  it('has every kind of header: texts as bytes, numbers as numbers; the rest is our choice', () => {
    const headers = {
      text: 'grün',
      whole: 7,
      broken: 0.5,
      yes: true,
      nothing: null,
      bytes: Buffer.from([0, 127, 128, 255]),
      list: ['a', 1],
      table: { inner: 'b' },
      time: { '!': 'timestamp', value: 2021 },
      decimal: { '!': 'decimal', value: { digits: 1234, places: 2 } },
    };
    const event = buildRmqEvent(SOURCE, [delivery({ headers })]);
    expect(event.rmqMessagesByQueue['pizzaQueue::/']?.[0]?.basicProperties.headers).toEqual({
      text: { bytes: [103, 114, -61, -68, 110] },
      whole: 7,
      broken: 0.5,
      yes: true,
      nothing: null,
      bytes: [0, 127, -128, -1],
      list: [{ bytes: [97] }, 1],
      table: { inner: { bytes: [98] } },
      time: 'Jan 1, 1970, 12:33:41 AM',
      decimal: 12.34,
    });
  });
});

describe('a timestamp', () => {
  it.each([
    [0, 'Jan 1, 1970, 12:00:00 AM'],
    [43_200, 'Jan 1, 1970, 12:00:00 PM'],
    [2021, 'Jan 1, 1970, 12:33:41 AM'],
    [1_767_225_599, 'Dec 31, 2025, 11:59:59 PM'],
    [1_709_164_799, 'Feb 28, 2024, 11:59:59 PM'],
  ])('of %d is %s, and back', (seconds, text) => {
    expect(formatTimestamp(seconds)).toBe(text);
    expect(parseTimestamp(text)).toBe(seconds);
  });

  it('is read with the space of newer versions of Java', () => {
    expect(parseTimestamp('Jan 1, 1970, 12:33:41\u202fAM')).toBe(2021);
  });

  it('is nothing where there is none, or something else', () => {
    expect(formatTimestamp(2 ** 60)).toBeNull();
    for (const text of [null, '', '2026-01-01', 'Foo 1, 1970, 12:00:00 AM', 'Jan 1, 1970, 12:00:00 XM']) {
      expect(parseTimestamp(text)).toBeUndefined();
    }
  });

  it('comes back, any second of nine thousand years', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseTimestamp(formatTimestamp(seconds))).toBe(seconds);
      }),
    );
  });
});

describe('a record', () => {
  const text = fc.string({ unit: 'grapheme' });
  const header = fc.letrec((tie) => ({
    value: fc.oneof(
      { weight: 4, arbitrary: text },
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }).filter((table) => !Object.hasOwn(table, 'bytes')),
    ),
  })).value;
  const properties = fc.record(
    {
      contentType: text,
      contentEncoding: text,
      headers: fc.dictionary(text, header, { maxKeys: 4 }),
      deliveryMode: fc.constantFrom(1, 2),
      priority: fc.nat(255),
      correlationId: text,
      replyTo: text,
      expiration: fc.nat().map(String),
      messageId: text,
      timestamp: fc.integer({ min: 0, max: 4_102_444_800 }),
      type: text,
      userId: text,
      appId: text,
      clusterId: text,
    },
    { requiredKeys: [] },
  );

  it('is what was sent: every property, every header, the body', () => {
    fc.assert(
      fc.property(properties, fc.uint8Array(), fc.boolean(), (sent, body, redelivered) => {
        const message = { content: Buffer.from(body), properties: sent as never, fields: { redelivered } };
        const event = JSON.parse(JSON.stringify(buildRmqEvent(SOURCE, [message]))) as RmqEvent;
        // zod omits a header of that name.
        const readable = JSON.parse(JSON.stringify(event), (key, value) => (key === '__proto__' ? undefined : value));
        expect(rmqEventSchema.parse(event)).toEqual(readable);
        const [record] = decodeRmqEvent(event);
        const { headers = {}, timestamp, messageId, ...others } = sent;
        const unset = Object.fromEntries(Object.keys(record?.properties ?? {}).map((name) => [name, null]));
        expect(record?.properties).toEqual({
          ...unset,
          ...others,
          messageId: messageId ?? null,
          headers: record?.properties.headers,
          timestamp: record?.properties.timestamp,
          bodySize: body.length,
        });
        expect(record?.headers).toEqual(headers);
        expect(record?.timestamp?.getTime()).toBe(timestamp === undefined ? undefined : timestamp * 1000);
        expect(record?.messageId).toBe(messageId);
        expect(record?.redelivered).toBe(redelivered);
        expect(record?.body).toEqual(Buffer.from(body));
        expect([record?.queue, record?.virtualHost, record?.itemIdentifier]).toEqual([
          'pizzaQueue',
          '/',
          'pizzaQueue::/#0',
        ]);
      }),
    );
  });

  it('gives its body as text and as JSON', () => {
    const [json, plain] = decodeRmqEvent(buildRmqEvent(SOURCE, [delivery({}, '{"grün":1}'), delivery({}, 'grün')]));
    expect([json?.text, json?.json]).toEqual(['{"grün":1}', { grün: 1 }]);
    expect(plain?.text).toBe('grün');
    expect(() => plain?.json).toThrow(SyntaxError);
  });

  it('gives one header as text, if it is one', () => {
    const headers = { text: 'grün', number: 7, toString: 'own' };
    const [record] = decodeRmqEvent(buildRmqEvent(SOURCE, [delivery({ headers })]));
    const named = (name: string) => record?.textHeader(name);
    expect([named('text'), named('number'), named('toString'), named('valueOf')]).toEqual([
      'grün',
      undefined,
      'own',
      undefined,
    ]);
    expect(decodeRmqEvent(buildRmqEvent(SOURCE, [delivery({})]))[0]?.textHeader('text')).toBeUndefined();
  });

  it('comes from nothing but an aws:rmq event', () => {
    expect(() => decodeRmqEvent({ Records: [] } as never)).toThrow('not an aws:rmq event');
  });
});

describe('the middleware', () => {
  it('gives a handler under middy the records', async () => {
    const handler = middy(async (event: DecodedRmqEvent) => event.records.map(({ json }) => json)).use(rmqRecords());
    const event = buildRmqEvent(SOURCE, [delivery({}, '1'), delivery({}, '[2]')]);
    expect(await handler(event as DecodedRmqEvent, {} as Context)).toEqual([1, [2]]);
    await expect(handler({ Records: [] } as never, {} as Context)).rejects.toThrow('not an aws:rmq event');
  });
});

describe('the schema', () => {
  const valid = JSON.stringify(buildRmqEvent(SOURCE, [delivery({ headers: { list: [{ deep: 'x' }] } }, 'body')]));

  it('takes an event, and what AWS may add to it', () => {
    const event = JSON.parse(valid) as RmqEvent;
    expect(rmqEventSchema.parse({ ...event, more: 1 })).toEqual({ ...event, more: 1 });
  });

  it.each<[what: string, from: string, to: string]>([
    ['another source', '"aws:rmq"', '"aws:mq"'],
    ['a queue without its virtual host', 'pizzaQueue::/', 'pizzaQueue'],
    ['a missing property', '"replyTo":null,', ''],
    ['a number for a text', '"appId":null', '"appId":7'],
    ['a body that is not base64', '"data":"', '"data":"*'],
    ['a size below zero', '"bodySize":4', '"bodySize":-4'],
  ])('refuses %s', (_, from, to) => {
    expect(valid).toContain(from);
    expect(rmqEventSchema.safeParse(JSON.parse(valid.replace(from, to))).success).toBe(false);
  });
});
