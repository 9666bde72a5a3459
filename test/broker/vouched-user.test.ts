import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import type { EncodedMessage } from '../../lib/rabbitmq/publishing/encoded-message.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { amqpUrl } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

let connection: Connection;
let bill: EncodedMessage;
const user = new URL(amqpUrl).username || 'guest';

beforeAll(async () => {
  connection = await openConnection({ amqpUrl, connectionName: 'till', log: recordingLog() });
});

afterAll(() => connection.close());

beforeEach(async () => {
  const channel = await connection.model.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.close();
  const content = Buffer.from('{}');
  bill = { exchange: '', routingKey: queue, content, messageId: 'b', mustRoute: true, properties: { type: 'bill' } };
});

async function sentBy() {
  const channel = await connection.model.createChannel();
  const got = await channel.get(bill.routingKey, { noAck: true });
  await channel.close();
  return got === false ? undefined : { by: got.properties.userId };
}

it('RabbitMQ vouches for whoever publishes', async () => {
  const publisher = await Publisher.open(connection, 5_000);
  await publisher.publish(bill);
  expect(await sentBy()).toEqual({ by: user });
  await publisher.close();
});

it('RabbitMQ takes nothing in the name of another user', async () => {
  const channel = await connection.model.createConfirmChannel();
  const refused = new Promise<Error>((resolve) => channel.once('error', resolve));
  channel.publish('', bill.routingKey, bill.content, { userId: 'worker' });
  expect((await refused).message).toMatch(/user_id property set to 'worker' but authenticated user was/);
  expect(await sentBy()).toBeUndefined();
});

it('who is known to RabbitMQ by another name is refused once, and then publishes without a name', async () => {
  const alias = { ...connection, user: 'by another name' };
  const first = await Publisher.open(alias, 5_000);
  expect((await first.publishAll([bill])).map(({ failure }) => failure)).toEqual(['channel gone']);
  const second = await Publisher.open(alias, 5_000);
  expect(await second.publishAll([bill])).toEqual([]);
  expect(await sentBy()).toEqual({ by: undefined });
  await second.close();
});
