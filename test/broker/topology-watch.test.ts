import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';
import { tripwireOf } from '../../lib/rabbitmq/topology/tripwire.js';
import { openScene, type Scene } from '../support/broker/broker.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';

let scene: Scene;
let runner: LocalRunner | undefined;
let exchange: string;
let sent = 0;

beforeEach(async () => {
  scene = await openScene();
  exchange = `events-${scene.queue}`;
});

afterEach(async () => {
  await runner?.stop();
  await scene.channel.deleteExchange(exchange);
  await scene.close();
});

/** A runner that is bound to an exchange, and has received something from it. */
async function listen(topologyCheckMs: number): Promise<LocalRunner> {
  const topology: Topology = {
    ...scene.topology,
    exchanges: [...scene.topology.exchanges, { name: exchange, type: 'topic', durable: true }],
    bindings: [...scene.topology.bindings, { exchange, queue: scene.queue, routingKey: 'mine' }],
  };
  const listening = startRunner(scene, { topology, topologyCheckMs });
  runner = listening;
  await expect.poll(() => listening.steps).toContain('subscribed');
  expect(await hears(listening)).toBe(true);
  await expect.poll(() => isThere(tripwireOf(exchange))).toBe(true);
  return listening;
}

/** Whether it gets a message that is sent to the exchange. */
async function hears(listening: LocalRunner): Promise<boolean> {
  const before = handled(listening);
  const channel = await scene.newConfirmChannel();
  let isReturned = false;
  channel.on('return', () => {
    isReturned = true;
  });
  const options = { mandatory: true, messageId: `m-${sent++}` };
  channel.publish(exchange, 'mine', Buffer.from('{"key":"a"}'), options);
  await channel.waitForConfirms().catch(() => undefined);
  await channel.close().catch(() => undefined);
  if (isReturned) return false;
  await expect.poll(() => handled(listening)).toBe(before + 1);
  return true;
}

function handled({ batches }: LocalRunner): number {
  return batches.reduce((sum, { messages }) => sum + messages, 0);
}

async function isThere(name: string): Promise<boolean> {
  const channel = await scene.newChannel();
  const found = await channel.checkExchange(name).then(
    () => true,
    () => false,
  );
  if (found) await channel.close();
  return found;
}

async function declareAnew(): Promise<void> {
  await scene.channel.deleteExchange(exchange);
  await scene.channel.assertExchange(exchange, 'topic', { durable: true });
}

const NEVER_MS = 3_600_000;

it('a runner that does not look is deaf once its exchange was declared anew, and nothing says so: the hazard', async () => {
  const listening = await listen(NEVER_MS);
  await declareAnew();
  expect(await hears(listening)).toBe(false);
  expect(listening.log.of('exchange-replaced')).toEqual([]);
});

describe('a runner that looks', () => {
  it('says that its exchange was declared anew, and hears again', async () => {
    const listening = await listen(50);
    for (let times = 1; times <= 2; times++) {
      await declareAnew();
      await expect.poll(() => listening.log.of('exchange-replaced')).toHaveLength(times);
      await expect.poll(() => hears(listening)).toBe(true);
      await expect.poll(() => isThere(tripwireOf(exchange))).toBe(true);
    }
  });

  it('says that its exchange is gone, declares it, and hears again', async () => {
    const listening = await listen(50);
    await scene.channel.deleteExchange(exchange);
    await expect.poll(() => listening.log.of('exchange-gone')).toHaveLength(1);
    await expect.poll(() => isThere(exchange)).toBe(true);
    await expect.poll(() => hears(listening)).toBe(true);
  });

  it('makes a binding again that somebody has taken away', async () => {
    const listening = await listen(50);
    await scene.channel.unbindQueue(scene.queue, exchange, 'mine');
    await expect.poll(() => hears(listening)).toBe(true);
    expect(listening.log.of('session-ended')).toEqual([]);
  });

  it('leaves alone what others bind to a hash exchange, and minds no queue that is gone', async () => {
    const hashing = `hash-${scene.queue}`;
    const other = `other-${scene.queue}`;
    const topology: Topology = {
      exchanges: [
        { name: hashing, type: 'x-consistent-hash', durable: true },
        { name: exchange, type: 'topic', durable: true },
      ],
      queues: [...scene.topology.queues, { name: other, durable: true }],
      bindings: [
        { exchange: hashing, queue: scene.queue, routingKey: '1' },
        { exchange, queue: scene.queue, routingKey: 'mine' },
        { exchange, queue: other, routingKey: 'theirs' },
      ],
    };
    const listening = startRunner(scene, { topology, topologyCheckMs: 50 });
    runner = listening;
    await expect.poll(() => isThere(tripwireOf(hashing))).toBe(true);
    await scene.channel.unbindQueue(scene.queue, hashing, '1');
    await scene.channel.deleteQueue(other);
    await scene.channel.unbindQueue(scene.queue, exchange, 'mine');
    await expect.poll(() => hears(listening)).toBe(true);
    const channel = await scene.newConfirmChannel();
    const returned = new Promise((resolve) => channel.once('return', resolve));
    channel.publish(hashing, 'k', Buffer.from('{}'), { mandatory: true });
    await returned;
    expect(listening.log.of('session-ended')).toEqual([]);
    await scene.channel.deleteExchange(hashing);
  });

  it('leaves nothing behind when the exchange is deleted for good', async () => {
    const listening = await listen(50);
    await listening.stop();
    await scene.channel.deleteExchange(exchange);
    expect(await isThere(tripwireOf(exchange))).toBe(false);
  });
});
