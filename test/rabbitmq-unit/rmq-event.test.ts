import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RmqEvent } from '../../lib/lambda/rmq-event.js';
import { buildRmqEvent, type Delivery, formatTimestamp } from '../../lib/lambda/rmq-event-builder.js';
import { decodeRmqEvent } from '../../lib/lambda/rmq-records.js';

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

  it('writes noon, midnight and what is no date', () => {
    expect(formatTimestamp(43_200)).toBe('Jan 1, 1970, 12:00:00 PM');
    expect(formatTimestamp(1_767_225_599)).toBe('Dec 31, 2025, 11:59:59 PM');
    expect(formatTimestamp(2 ** 60)).toBeNull();
  });
});

describe('a record', () => {
  it('is what was sent', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.dictionary(fc.string(), fc.string()),
        fc.option(fc.string(), { nil: undefined }),
        (body, headers, messageId) => {
          const sent = { ...delivery({ headers, messageId }), content: Buffer.from(body) };
          const event = JSON.parse(JSON.stringify(buildRmqEvent(SOURCE, [sent]))) as RmqEvent;
          expect(decodeRmqEvent(event)).toEqual([
            {
              identifier: 'pizzaQueue::/#0',
              queue: 'pizzaQueue',
              messageId,
              redelivered: false,
              headers: expect.anything(),
              body: Buffer.from(body),
            },
          ]);
          // Lone surrogates do not survive UTF-8, on any wire.
          const wire = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString()]);
          expect(Object.entries(decodeRmqEvent(event)[0]?.headers ?? {})).toEqual(wire);
        },
      ),
    );
  });

  it('comes from nothing but an aws:rmq event', () => {
    expect(() => decodeRmqEvent({ Records: [] } as never)).toThrow('not an aws:rmq event');
  });
});
