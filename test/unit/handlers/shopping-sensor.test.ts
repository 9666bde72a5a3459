import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { shoppingSensor } from '../../../handlers/shopping-sensor.js';
import type { OutgoingMessage } from '../../../lib/lambda/event/batch-result.js';
import type { Publish } from '../../../lib/lambda/function/http-function.js';
import { lambdaContext } from './batch.js';

const EVENT = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };

async function post(publish: Publish, body: string, headers: Record<string, string> = {}) {
  const event = { headers, body, isBase64Encoded: false } as unknown as APIGatewayProxyEventV2;
  const { body: answer, ...result } = await shoppingSensor(publish)(event, lambdaContext());
  return { ...result, json: JSON.parse(answer ?? '') };
}

describe('the shopping sensor', () => {
  it('publishes an event and accepts it only then', async () => {
    const published: OutgoingMessage[] = [];
    const answer = await post(async (outgoing) => void published.push(...outgoing), JSON.stringify(EVENT));
    expect(answer).toMatchObject({ statusCode: 202, json: { message_id: published[0]?.messageId } });
    expect(published).toEqual([
      {
        exchange: 'shopping_events_exchange',
        routingKey: 'AX-123',
        body: EVENT,
        messageId: expect.any(String),
        type: 'shopping event',
        mustRoute: true,
      },
    ]);
  });

  it.each([JSON.stringify(EVENT), JSON.stringify([EVENT])])(
    'goes on with the trace of its request: %s',
    async (body) => {
      const published: OutgoingMessage[] = [];
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await post(async (outgoing) => void published.push(...outgoing), body, { traceparent });
      expect(published).toMatchObject([{ headers: { traceparent } }]);
    },
  );

  it.each([
    '',
    'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
  ])('ignores an invalid trace: %j', async (traceparent) => {
    const published: OutgoingMessage[] = [];
    await post(async (outgoing) => void published.push(...outgoing), JSON.stringify(EVENT), { traceparent });
    expect(published).toHaveLength(1);
    expect(published[0]).not.toHaveProperty('headers');
  });

  it('reads a body that API Gateway sent in base64', async () => {
    const publish = vi.fn<Publish>(async () => undefined);
    const body = Buffer.from(JSON.stringify(EVENT)).toString('base64');
    const event = { headers: {}, body, isBase64Encoded: true } as unknown as APIGatewayProxyEventV2;
    expect(await shoppingSensor(publish)(event, lambdaContext())).toMatchObject({ statusCode: 202 });
  });

  it.each([
    ['not json', ''],
    [JSON.stringify({ ...EVENT, event_type: 'return' }), 'event_type'],
    [JSON.stringify({ ...EVENT, timestamp: 'now' }), 'timestamp'],
    ['', ''],
  ])('answers 400 to %j, names the field, and publishes nothing', async (body, field) => {
    const publish = vi.fn<Publish>();
    expect(await post(publish, body)).toMatchObject({
      statusCode: 400,
      headers: { 'content-type': 'application/problem+json' },
      json: { title: 'Bad Request', errors: [{ field }] },
    });
    expect(publish).not.toHaveBeenCalled();
  });

  it('answers 503, never 202, while the event is not safe; the repeat that it asks for has the same id', async () => {
    const down: Publish = async () => {
      throw new Error('broker away');
    };
    const refused = await post(down, JSON.stringify(EVENT));
    expect(refused).toMatchObject({ statusCode: 503, json: { message_id: expect.any(String) } });
    const key = { 'Idempotency-Key': refused.json.idempotency_key };
    const again = await post(async () => undefined, JSON.stringify(EVENT), key);
    expect(again).toMatchObject({ statusCode: 202, json: { message_id: refused.json.message_id } });
    const other = await post(async () => undefined, JSON.stringify({ ...EVENT, product_number: 'BX-1' }), key);
    expect(other.json.message_id).not.toBe(refused.json.message_id);
  });

  it.each([
    ['product_number', { event_type: 'pick up', timestamp: EVENT.timestamp }],
    ['product_number', { ...EVENT, product_number: '' }],
    ['product_number', { ...EVENT, product_number: 'x'.repeat(256) }],
    ['timestamp', { ...EVENT, timestamp: '' }],
    ['event_type', { ...EVENT, event_type: null }],
    ['colour', { ...EVENT, colour: 'red' }],
  ])('answers 400 and names %s in %j', async (field, body) => {
    const answer = await post(async () => expect.fail('published'), JSON.stringify(body));
    expect(answer).toMatchObject({ statusCode: 400, json: { errors: [{ field }] } });
  });

  it.each([
    [413, JSON.stringify({ ...EVENT, product_number: 'x'.repeat(16 * 1024) }), 'application/json'],
    [413, `[${' '.repeat(1024 * 1024)}]`, 'application/json'],
    [415, JSON.stringify(EVENT), 'text/plain'],
    [415, JSON.stringify(EVENT), 'application/jsonp'],
  ])('answers %i', async (statusCode, body, type) => {
    const answer = await post(async () => expect.fail('published'), body, { 'Content-Type': type });
    expect(answer).toMatchObject({ statusCode, json: { status: statusCode, detail: expect.any(String) } });
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000', host: 'localhost:3000' },
    { origin: 'http://evil.example', host: 'localhost:3000' },
    { origin: 'http://localhost:8080', host: 'localhost:3000' },
    { origin: 'null', host: 'localhost:3000' },
  ])('refuses a page of another origin: %j', async (headers) => {
    const answer = await post(async () => expect.fail('published'), JSON.stringify(EVENT), headers);
    expect(answer).toMatchObject({ statusCode: 403, json: { title: 'Forbidden' } });
  });

  it.each([{ 'sec-fetch-site': 'same-origin' }, { origin: 'http://localhost:3000', host: 'localhost:3000' }])(
    'takes events from its own page: %j',
    async (headers) => {
      expect(await post(async () => undefined, JSON.stringify(EVENT), headers)).toMatchObject({ statusCode: 202 });
    },
  );

  it('refuses a list that is too long as a whole', async () => {
    const answer = await post(async () => expect.fail('published'), JSON.stringify(Array(1_001).fill(EVENT)));
    expect(answer).toMatchObject({ statusCode: 413, json: { detail: expect.stringContaining('1001 events') } });
  });

  it('says what is wrong with twenty things at most, however many are', async () => {
    const long = Array.from({ length: 5 }, (_, index) => [`${index}`.padEnd(1_000, 'x'), 1]);
    const many = Array.from({ length: 900 }, (_, index) => [`k${index}`, 1]);
    const single = await post(async () => undefined, JSON.stringify(Object.fromEntries([...long, ...many])));
    expect(single.json.errors).toHaveLength(20);
    expect(Math.max(...single.json.errors.map(({ field }: { field: string }) => field.length))).toBe(100);
    const list = Array.from({ length: 1_000 }, () => ({}));
    const { statusCode, json } = await post(async () => undefined, JSON.stringify(list));
    expect(statusCode).toBe(207);
    expect(json.results).toHaveLength(1_000);
    expect(json.results.flatMap(({ errors = [] }) => errors)).toHaveLength(20);
    expect(JSON.stringify(json).length).toBeLessThan(200_000);
  });

  it('takes a list, and answers for each event of it', async () => {
    const published: OutgoingMessage[] = [];
    const list = [EVENT, { ...EVENT, event_type: 'return' }, { ...EVENT, event_type: 'purchase' }, 7];
    const answer = await post(async (outgoing) => void published.push(...outgoing), JSON.stringify(list));
    expect(published.map(({ body }) => body)).toEqual([list[0], list[2]]);
    expect(answer.statusCode).toBe(207);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(answer.json.results).toMatchObject([
      { status: 202, message_id: published[0]?.messageId },
      { status: 400, errors: [{ field: 'event_type' }] },
      { status: 202, message_id: published[1]?.messageId },
      { status: 400, errors: [{ field: '' }] },
    ]);
    const good = await post(async () => undefined, ` \n[${JSON.stringify(EVENT)}]`);
    expect(good).toMatchObject({ statusCode: 202, json: { results: [{ status: 202 }] } });
    expect(await post(async () => expect.fail('published'), '[]')).toMatchObject({ statusCode: 400 });
  });

  it('answers 503 for a list that is not safe, and gives the same ids when it comes again, alone or in a list', async () => {
    const down: Publish = async () => {
      throw new Error('broker away');
    };
    const key = { 'Idempotency-Key': 'k' };
    const list = JSON.stringify([EVENT, 7]);
    const refused = await post(down, list, key);
    expect(refused).toMatchObject({ statusCode: 503, json: { results: [{ status: 503 }, { status: 400 }] } });
    const { message_id } = refused.json.results[0];
    const again = await post(async () => undefined, list, key);
    expect(again.json.results[0]).toEqual({ status: 202, message_id });
    const alone = await post(async () => undefined, JSON.stringify(EVENT, null, 2), key);
    expect(alone.json).toEqual({ message_id });
  });
});
