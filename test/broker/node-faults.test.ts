import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { queueOf } from '../../lib/rabbitmq/ring/hash-ring.js';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';
import { eventually, openScene, type Scene } from '../support/broker/broker.js';
import { countingHandler } from '../support/broker/counting-handler.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';

/** Faults that hit a whole node: this file has one of its own. */

let broker: PrivateBroker;
let scene: Scene;
let running: LocalRunner[];

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
});

afterAll(async () => {
  await broker.stop();
  await removeFolders();
});

beforeEach(async () => {
  scene = await openScene(broker.amqpUrl);
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((runner) => runner.stop()));
  await scene.close();
});

function start(options: Partial<QueueRunnerOptions<number>> = {}): LocalRunner {
  const runner = startRunner(scene, { amqpUrl: broker.amqpUrl, ...options });
  running.push(runner);
  return runner;
}

async function send(count: number, from = 0): Promise<void> {
  const channel = await scene.newConfirmChannel();
  const confirms = Array.from({ length: count }, (_, index) => {
    const options = { persistent: true, messageId: `m-${from + index}` };
    return new Promise<void>((resolve, reject) => {
      const onConfirm = (error: unknown): void => (error === null ? resolve() : reject(error));
      channel.sendToQueue(scene.queue, Buffer.from('{"key":"a"}'), options, onConfirm);
    });
  });
  await Promise.all(confirms);
}

/** A queue that has no leader yet after a restart refuses. Sent again, it is the same event. */
async function sendUntilConfirmed(count: number, from: number): Promise<void> {
  await eventually(() =>
    send(count, from).then(
      () => true,
      () => undefined,
    ),
  );
}

/** Every message has one bill, and the counts of the store were billed without a gap: 1, 2, 3 ... */
async function billedOnce(messages: number): Promise<void> {
  const bills = new Map<string, string>();
  await eventually(async () => {
    for (const { properties, content } of await scene.drain(scene.bills)) {
      const id = String(properties.messageId);
      expect(bills.get(id) ?? content.toString()).toBe(content.toString());
      bills.set(id, content.toString());
    }
    return bills.size >= messages;
  });
  const counts = [...bills.values()].map((bill) => (JSON.parse(bill) as { count: number }).count);
  expect(counts.sort((one, other) => one - other)).toEqual(Array.from({ length: messages }, (_, index) => index + 1));
  expect(await scene.waiting(scene.deadLetters)).toBe(0);
}

describe('a runner', () => {
  it('goes on when the broker closes its connection (320)', async () => {
    const runner = start();
    await send(3);
    await runner.settled(3);
    await broker.ctl('close_all_connections', 'for a test');
    await runner.logged('session-ended');
    await scene.reconnect();
    await send(3, 3);
    await billedOnce(6);
  });

  it('takes no offence at a right that was taken away (403), and goes on when it has it again', async () => {
    await send(3);
    await broker.ctl('set_permissions', 'local', '^$', '^$', '^$');
    const runner = start();
    await runner.logged('connect-failed');
    await expect.poll(() => runner.log.of('connect-failed').join()).toContain('"undeclared":');
    await broker.ctl('set_permissions', 'local', '.*', '.*', '.*');
    await billedOnce(3);
  });

  it('waits while the broker takes no messages, and sends them when it does again', async () => {
    await send(3);
    await broker.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    const runner = start();
    await runner.logged('broker-blocks');
    expect(runner.batches).toEqual([]);
    await broker.ctl('set_vm_memory_high_watermark', '0.4');
    await billedOnce(3);
  });

  it('stops although the broker takes no messages: what was not acknowledged is delivered again', async () => {
    await send(3);
    await broker.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    const stuck = start({ stopTimeoutMs: 300 });
    await stuck.logged('broker-blocks');
    await stuck.stop();
    expect(await stuck.ended).toBeUndefined();
    await stuck.logged('stopped-in-batch');
    await broker.ctl('set_vm_memory_high_watermark', '0.4');
    start();
    await billedOnce(3);
  });

  it('is delivered a batch again for which it has taken longer than the broker waits', async () => {
    const waits = (ms: number) =>
      `application:set_env(rabbit, channel_tick_interval, 200), application:set_env(rabbit, consumer_timeout, ${ms}).`;
    await broker.ctl('eval', waits(1_000));
    await send(3);
    const counting = countingHandler(scene);
    let slow = true;
    const runner = start({
      handlerTimeoutMs: 60_000,
      handler: async (event, context) => {
        if (slow) await eventually(async () => (await scene.waiting(scene.queue)) === 3);
        slow = false;
        return counting(event, context);
      },
    });
    await billedOnce(3);
    await runner.logged('session-ended');
    await broker.ctl('eval', waits(1_800_000));
  });

  it.each([
    ['restarted', () => broker.restart()],
    ['killed', () => broker.kill().then(() => broker.restart())],
  ] as const)('keeps its memory and loses nothing when the broker is %s under it', async (_, fault) => {
    // A node that is killed forgets what was declared a moment ago: see young-queues.ts.
    await sleep(YOUNG_QUEUE_MS);
    const runner = start({ batchSize: 10, youngQueueMs: YOUNG_QUEUE_MS });
    await send(100);
    await runner.settled(50);
    const sending = send(100, 100).catch(() => undefined);
    await fault();
    await sending;
    await scene.reconnect();
    await sendUntilConfirmed(100, 100);
    await billedOnce(200);
    expect(runner.store.get('a')).toBe(200);
  });
});

describe('a restart of the broker', () => {
  it('leaves every product with its worker, which has its basket', async () => {
    const queues = ['1', '2', '3'].map((number) => `${scene.queue}-${number}`);
    const exchange = `ring-${scene.queue}`;
    await scene.channel.assertExchange(exchange, 'x-consistent-hash', { durable: true });
    for (const queue of queues) {
      await scene.channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await scene.channel.bindQueue(queue, exchange, '1');
    }
    const keys = Array.from({ length: 60 }, (_, index) => `product-${index}`);
    for (let restart = 0; restart < 3; restart++) {
      await broker.restart();
      await scene.reconnect();
      const channel = await scene.newConfirmChannel();
      for (const key of keys) channel.publish(exchange, key, Buffer.from(key), { persistent: true });
      await channel.waitForConfirms();
      for (const queue of queues) {
        const got = (await scene.drain(queue)).map(({ content }) => content.toString());
        expect(got).toEqual(keys.filter((key) => queueOf(key, queues) === queue));
      }
    }
    for (const queue of queues) await scene.channel.deleteQueue(queue);
    await scene.channel.deleteExchange(exchange);
  });
});
