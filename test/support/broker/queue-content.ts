import { connect } from 'amqplib';

/** Declares a durable queue and puts one persistent message in it. */
export async function putMessage(amqpUrl: string, queue: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  channel.sendToQueue(queue, Buffer.from('{}'), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

/**
 * How many messages a queue holds.
 *
 * @throws Error with `NOT_FOUND` where there is no such queue
 */
export async function depth(amqpUrl: string, queue: string): Promise<number> {
  const connection = await connect(amqpUrl);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    return (await channel.checkQueue(queue)).messageCount;
  } finally {
    await connection.close();
  }
}
