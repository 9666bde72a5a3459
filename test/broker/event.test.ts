import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RmqEvent } from '../../lib/lambda/event/rmq-event.js';
import { rmqEventSchema } from '../../lib/lambda/event/rmq-event-schema.js';
import { decodeRmqEvent } from '../../lib/lambda/event/rmq-records.js';
import { amqpUrl, openScene, type Scene } from '../support/broker/broker.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';

let scene: Scene;
let runner: LocalRunner;
let events: RmqEvent[];

beforeEach(async () => {
  scene = await openScene();
  events = [];
  runner = startRunner(scene, {
    changelog: 'none',
    eventSourceArn: 'arn:aws:mq:eu-west-1:111122223333:broker:b:b-1',
    handler: async (event) => {
      events.push(event);
      return { batchItemFailures: [], outgoing: [] };
    },
  });
});

afterEach(async () => {
  await runner.stop();
  await scene.close();
});

/** What a handler gets of one message. */
async function received(body: string, options: Record<string, unknown>): Promise<RmqEvent> {
  scene.channel.sendToQueue(scene.queue, Buffer.from(body), options);
  await runner.settled(1);
  const [event] = events as [RmqEvent];
  expect(rmqEventSchema.parse(event)).toEqual(event);
  return event;
}

describe('the event of a message that a real publisher sent', () => {
  it('has every property', async () => {
    const user = decodeURIComponent(new URL(amqpUrl).username) || 'guest';
    const event = await received('grün', {
      contentType: 'text/plain',
      contentEncoding: 'identity',
      headers: { grün: 'ja' },
      deliveryMode: 2,
      priority: 3,
      correlationId: 'correlation',
      replyTo: 'reply',
      expiration: '60000',
      messageId: 'message',
      timestamp: 2021,
      type: 'type',
      userId: user,
      appId: 'app',
    });
    const vhost = new URL(amqpUrl).pathname.slice(1) || '/';
    expect(JSON.stringify(event)).toBe(
      JSON.stringify({
        eventSourceArn: 'arn:aws:mq:eu-west-1:111122223333:broker:b:b-1',
        rmqMessagesByQueue: {
          [`${scene.queue}::${vhost}`]: [
            {
              basicProperties: {
                contentType: 'text/plain',
                contentEncoding: 'identity',
                headers: { grün: { bytes: [106, 97] } },
                deliveryMode: 2,
                priority: 3,
                correlationId: 'correlation',
                replyTo: 'reply',
                expiration: '60000',
                messageId: 'message',
                timestamp: 'Jan 1, 1970, 12:33:41 AM',
                type: 'type',
                userId: user,
                appId: 'app',
                clusterId: null,
                bodySize: 5,
              },
              redelivered: false,
              data: 'Z3LDvG4=',
            },
          ],
        },
        eventSource: 'aws:rmq',
      }),
    );
  });

  it('has nothing but null for what was not sent', async () => {
    const event = await received('', {});
    const [message] = Object.values(event.rmqMessagesByQueue)[0] ?? [];
    // The publisher's library always sends headers.
    const { headers, bodySize, ...others } = message?.basicProperties ?? {};
    expect([headers, bodySize, message?.data]).toEqual([{}, 0, '']);
    expect(new Set(Object.values(others))).toEqual(new Set([null]));
  });

  it('has headers of every AMQP type', async () => {
    const typed = (type: string, value: unknown) => ({ '!': type, value });
    const headers = {
      text: 'grün',
      boolean: false,
      int8: typed('int8', -8),
      uint8: typed('uint8', 200),
      int16: typed('int16', -1600),
      uint16: typed('uint16', 60_000),
      int32: typed('int32', -320_000),
      uint32: typed('uint32', 4_000_000_000),
      int64: typed('int64', -6_400_000_000),
      float: typed('float', 0.5),
      double: typed('double', 0.1),
      decimal: typed('decimal', { digits: 1234, places: 2 }),
      timestamp: typed('timestamp', 2021),
      nothing: null,
      bytes: Buffer.from([0, 200]),
      list: ['a', 1, [true]],
      table: { inner: { text: 'b' } },
    };
    const event = await received('', { headers });
    const [message] = Object.values(event.rmqMessagesByQueue)[0] ?? [];
    expect(message?.basicProperties.headers).toEqual({
      text: { bytes: [103, 114, -61, -68, 110] },
      boolean: false,
      int8: -8,
      uint8: 200,
      int16: -1600,
      uint16: 60_000,
      int32: -320_000,
      uint32: 4_000_000_000,
      int64: -6_400_000_000,
      float: 0.5,
      double: 0.1,
      decimal: 12.34,
      timestamp: 'Jan 1, 1970, 12:33:41 AM',
      nothing: null,
      bytes: [0, -56],
      list: [{ bytes: [97] }, 1, [true]],
      table: { inner: { text: { bytes: [98] } } },
    });
    expect(decodeRmqEvent(event)[0]?.headers).toMatchObject({
      text: 'grün',
      list: ['a', 1, [true]],
      table: { inner: { text: 'b' } },
    });
  });
});
