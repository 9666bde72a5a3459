import { expect, it } from 'vitest';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { lastOffset } from '../../lib/rabbitmq/consuming/stream-end.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { amqpUrl } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

it.each([
  [1_500, 10],
  [400, 30_000],
])(
  'the newest of %i messages of %i bytes is found, however many reads its chunk takes to come',
  async (count, bytes) => {
    const connection = await openConnection({ amqpUrl, connectionName: 'test', log: recordingLog() });
    const channel = await connection.model.createChannel();
    const stream = `stream-end-${bytes}`;
    await channel.assertQueue(stream, { durable: true, arguments: { 'x-queue-type': 'stream' } });
    const { signal } = new AbortController();
    expect(await lastOffset(connection, stream, signal)).toBe(-1);
    const publisher = await Publisher.open(connection, 60_000);
    const message = { exchange: '', routingKey: stream, messageId: undefined, mustRoute: true, properties: {} };
    const content = Buffer.alloc(bytes, 'x');
    expect(await publisher.publishAll(Array.from({ length: count }, () => ({ ...message, content })))).toEqual([]);
    for (let look = 0; look < 5; look++) expect(await lastOffset(connection, stream, signal)).toBe(count - 1);
    await channel.deleteQueue(stream);
    await connection.close();
  },
);
