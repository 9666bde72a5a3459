import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { commandsPerTest } from '../support/system/commands.js';

const { useSharedBroker, start } = commandsPerTest();

it('on a plain shop the worker of a student runs beside ours, as pika declares, and neither is refused', async () => {
  const amqpUrl = await useSharedBroker();
  const declare = start('smart-shopping', ['topology', 'declare', '--plain']);
  expect({ code: await declare.ended, stderr: declare.stderr() }).toEqual({
    code: 0,
    stderr: 'declared: 2 exchanges, 4 queues, 2 bindings\n',
  });
  const worker = start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue', '--json']);
  const app = start('run-customer-app', ['-c', 'customer-2', '--json']);
  await expect.poll(worker.stderr).toContain('worker01 is ready');
  await expect.poll(app.stderr).toContain('is ready');

  const second = start('run-worker', ['-i', 'second', '-q', 'worker01_queue']);
  await expect.poll(second.stderr).toContain('second is ready');
  expect(second.stderr()).toContain('another worker serves worker01_queue, which is not declared for one at a time');
  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);

  // What pika sends by default: nothing is durable.
  const student = await connect(amqpUrl);
  const channel = await student.createChannel();
  await channel.assertExchange('shopping_events_exchange', 'x-consistent-hash', { durable: false });
  await channel.assertExchange('customer_app_events', 'topic', { durable: false });
  for (const queue of ['shopping_events_dead_letter_queue', 'billing_events']) {
    await channel.assertQueue(queue, { durable: false });
  }
  for (const queue of ['worker01_queue', 'worker02_queue']) {
    await channel.assertQueue(queue, {
      durable: false,
      arguments: {
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': 'shopping_events_dead_letter_queue',
      },
    });
    await channel.bindQueue(queue, 'shopping_events_exchange', '1');
  }
  const { queue: inbox } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(inbox, 'customer_app_events', '#');
  const got: string[] = [];
  await channel.consume('worker02_queue', (message) => {
    if (message === null) return;
    got.push(message.fields.routingKey);
    channel.nack(message, false, false);
  });
  const products = ['AX-123', 'BX-123', 'CX-123', 'DX-123', 'EX-123'];
  for (const product_number of products) {
    const event = { event_type: 'pick up', product_number, timestamp: '2026-11-29T10:00:00' };
    channel.publish('shopping_events_exchange', product_number, Buffer.from(JSON.stringify(event)));
  }
  await expect.poll(() => got.length + worker.results().length).toBe(products.length);
  expect(got.length).toBeGreaterThan(0);
  const ours = worker.results() as { verdict: string; event: { product_number: string } }[];
  expect(ours.every(({ verdict }) => verdict === 'picked up')).toBe(true);
  expect(new Set([...got, ...ours.map(({ event }) => event.product_number)])).toEqual(new Set(products));
  await expect.poll(async () => (await channel.checkQueue(inbox)).messageCount).toBe(ours.length);
  const dead = async () => (await channel.checkQueue('shopping_events_dead_letter_queue')).messageCount;
  await expect.poll(dead).toBe(got.length);
  await student.close();
  for (const child of [worker, app]) {
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  }
});

it('where the shop is declared as it should be, plain is refused with what to do', async () => {
  await useSharedBroker();
  expect(await start('smart-shopping', ['topology', 'declare']).ended).toBe(0);
  const plain = start('smart-shopping', ['topology', 'declare', '--plain']);
  expect({ code: await plain.ended, stderr: plain.stderr() }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Already declared differently: .*worker01_queue.*--fresh.*\n$/),
  });
});
