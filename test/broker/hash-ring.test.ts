import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { ownerOf } from '../../infra/shop/topology/owner.js';
import { amqpUrl } from '../support/broker/broker.js';

it.each([
  ['equal weights', [1, 1, 1, 1, 1]],
  ['other weights', [1, 3, 2]],
])('the broker gives 1,000 products to the queues that we say own them, with %s', async (_, weights) => {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  const exchange = `ring-${randomUUID().slice(0, 8)}`;
  const queues = weights.map((weight, index) => ({ name: `${exchange}-${index}`, weight }));
  await channel.assertExchange(exchange, 'x-consistent-hash', { durable: false });
  for (const { name, weight } of queues) {
    await channel.assertQueue(name, { exclusive: true });
    await channel.bindQueue(name, exchange, String(weight));
  }
  const keys = Array.from({ length: 1_000 }, (_, index) => (index % 3 === 0 ? `${index}` : `product-é-${index}`));
  for (const key of keys) channel.publish(exchange, key, Buffer.from(key));
  await channel.waitForConfirms();
  for (const { name } of queues) {
    const expected = keys.filter((key) => ownerOf(key, queues.toReversed()) === name);
    for (const key of expected)
      expect(await channel.get(name, { noAck: true })).toMatchObject({ content: Buffer.from(key) });
    expect(await channel.get(name, { noAck: true })).toBe(false);
  }
  await channel.deleteExchange(exchange);
  await model.close();
});
