import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { shoppingSensor } from '../../handlers/shopping-sensor.js';
import type { OutgoingMessage } from '../../lib/lambda/batch-result.js';
import type { Publish } from '../../lib/lambda/http-function.js';
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
});
