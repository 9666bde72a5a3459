import { type Channel, type ChannelModel, connect } from 'amqplib';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shoppingSensor } from '../../handlers/shopping-sensor.js';
import { createSender, type Sender } from '../../lib/lambda/function/publishing.js';
import { type NetworkProxy, openProxy } from '../support/broker/proxy.js';
import { recordingLog } from '../support/broker/recording-log.js';

const EVENT = JSON.stringify({ event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' });
const EXCHANGE = 'shopping_events_exchange';

let model: ChannelModel;
let channel: Channel;
let sender: Sender;
let proxy: NetworkProxy;
const log = recordingLog();
beforeAll(async () => {
  const amqpUrl = process.env['AMQP_URL'] as string;
  model = await connect(amqpUrl);
  channel = await model.createChannel();
  proxy = await openProxy();
  sender = createSender({ amqpUrl: proxy.url, name: 'shopping-sensor', log });
});
afterAll(async () => {
  await sender.close();
  await proxy.close();
  await model.close();
});

async function post(by: Sender = sender) {
  const event = { headers: {}, body: EVENT, isBase64Encoded: false } as unknown as APIGatewayProxyEventV2;
  const { statusCode, body } = await shoppingSensor(by.publish)(event, { awsRequestId: 'r-1' } as Context);
  return { statusCode, ...(JSON.parse(body ?? '') as { message_id: string }) };
}

describe('the sensor on a real broker', () => {
  it('answers 503 while there is no exchange, and while no queue is bound; then 202, all with the same id', async () => {
    const answers = [await post()];
    await channel.assertExchange(EXCHANGE, 'x-consistent-hash', { durable: true });
    answers.push(await post());
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, EXCHANGE, '1');
    answers.push(await post());
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503, 202]);
    expect(new Set(answers.map(({ message_id }) => message_id)).size).toBe(1);

    const got = await channel.get(queue, { noAck: true });
    if (got === false) throw new Error('nothing arrived');
    expect(got.content.toString()).toBe(EVENT);
    expect(got.fields.routingKey).toBe('AX-123');
    expect(got.properties).toMatchObject({
      messageId: answers[0]?.message_id,
      type: 'shopping event',
      appId: 'shopping-sensor',
      contentType: 'application/json',
      deliveryMode: 2,
      timestamp: expect.any(Number),
    });
    expect(await channel.get(queue, { noAck: true })).toBe(false);
  });

  it('opens a new connection when the one it had is lost', async () => {
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, EXCHANGE, '1');
    expect((await post()).statusCode).toBe(202);
    proxy.cut();
    // While the loss is being noticed 503 is the honest answer.
    await expect.poll(async () => (await post()).statusCode).toBe(202);
    await expect.poll(() => log.of('connection-error')).not.toEqual([]);
  });

  it('answers 503, with the id to ask again for, where the broker is away or never confirms', async () => {
    const away = createSender({ amqpUrl: 'amqp://127.0.0.1:1', name: 'shopping-sensor', log });
    expect(await post(away)).toMatchObject({ statusCode: 503, message_id: expect.any(String) });

    const silent = createSender({ amqpUrl: proxy.url, name: 'shopping-sensor', log, timeoutMs: 500 });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, EXCHANGE, '1');
    expect((await post(silent)).statusCode).toBe(202);
    proxy.freeze();
    expect(await post(silent)).toMatchObject({ statusCode: 503, message_id: expect.any(String) });
    // Now its connection is closed, and a new one gets no answer either.
    expect(await post(silent)).toMatchObject({ statusCode: 503, message_id: expect.any(String) });
    await silent.close();
  });
});
