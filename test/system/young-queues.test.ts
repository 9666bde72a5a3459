import { connect } from 'amqplib';
import { expect, it, vi } from 'vitest';
import { findRunningBroker } from '../../infra/broker/find-broker.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, start, startBroker } = commandsPerTest();

it('what `topology declare` has made survives a SIGKILL of the node right after it', async () => {
  const first = await startBroker();
  const declared = start('smart-shopping', ['topology', 'declare']);
  expect(await declared.ended).toBe(0);
  const queues = ['worker01_queue', 'worker02_queue', 'billing_events'];
  const writer = await connect(first.stdout().trim());
  writer.on('error', () => undefined);
  const channel = await writer.createConfirmChannel();
  for (const queue of queues) channel.sendToQueue(queue, Buffer.from('confirmed'), { persistent: true });
  await channel.waitForConfirms();
  const node = await findRunningBroker(`${folder()}/.smart-shopping`);
  process.kill(node?.pid as number, 'SIGKILL');
  await first.ended;

  const second = await startBroker();
  const reader = await connect(second.stdout().trim());
  const found = new Map<string, string>();
  for (const queue of queues) {
    const receiving = await reader.createChannel();
    await receiving.consume(queue, (delivery) => found.set(queue, String(delivery?.content)));
  }
  await vi.waitUntil(() => found.size === queues.length, { timeout: 100_000 });
  expect([...found]).toEqual(expect.arrayContaining(queues.map((queue) => [queue, 'confirmed'])));
  await reader.close();
});
