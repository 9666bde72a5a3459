import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { queueOf } from '../../lib/rabbitmq/ring/hash-ring.js';
import { amqpUrl } from './support/broker.js';

it('the broker routes as the ring predicts', async () => {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  const exchange = `ring-${randomUUID().slice(0, 8)}`;
  const queues = ['1', '2', '3', '4', '5'].map((number) => `${exchange}-${number}`);
  await channel.assertExchange(exchange, 'x-consistent-hash', { durable: false });
  for (const queue of queues) {
    await channel.assertQueue(queue, { exclusive: true });
    await channel.bindQueue(queue, exchange, '1');
  }
  const keys = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? `${index}` : `product-é-${index}`));
  for (const key of keys) channel.publish(exchange, key, Buffer.from(key));
  await channel.waitForConfirms();
  for (const queue of queues) {
    const expected = keys.filter((key) => queueOf(key, queues) === queue);
    for (const key of expected)
      expect(await channel.get(queue, { noAck: true })).toMatchObject({ content: Buffer.from(key) });
    expect(await channel.get(queue, { noAck: true })).toBe(false);
  }
  await channel.deleteExchange(exchange);
  await model.close();
});
