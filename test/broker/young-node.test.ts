import { connect } from 'amqplib';
import { afterAll, expect, it, vi } from 'vitest';
import { startPrivateBroker } from '../../infra/broker/private-broker.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';

afterAll(removeFolders);

const STREAM = { durable: true, arguments: { 'x-queue-type': 'stream' } };

it("keeps a young node's first stream, and what was confirmed in it, over a SIGKILL", async () => {
  const broker = await startPrivateBroker({ folder: await newFolder() });
  const writer = await connect(broker.amqpUrl);
  writer.on('error', () => undefined);
  const channel = await writer.createConfirmChannel();
  await channel.assertQueue('young', STREAM);
  channel.sendToQueue('young', Buffer.from('confirmed'), { persistent: true });
  await channel.waitForConfirms();
  await broker.kill();
  await broker.restart();
  // A stream is not available at once after a restart; a lost one answers 404 forever.
  const read = await vi.waitUntil(() => firstOf(broker.amqpUrl), { timeout: 100_000, interval: 250 });
  expect(read).toBe('confirmed');
  await broker.stop();
});

async function firstOf(amqpUrl: string): Promise<string | undefined> {
  const connection = await connect(amqpUrl);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await channel.prefetch(1);
    return await new Promise<string>((resolve, reject) => {
      channel
        .consume('young', (delivery) => resolve(String(delivery?.content)), {
          arguments: { 'x-stream-offset': 'first' },
        })
        .catch(reject);
    });
  } catch {
    return undefined;
  } finally {
    await connection.close();
  }
}
