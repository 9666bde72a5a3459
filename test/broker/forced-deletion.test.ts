import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { eventually, openScene, type Scene } from '../support/broker/broker.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { startRunner } from '../support/broker/local-runner.js';

// RabbitMQ gives a quorum queue five seconds to agree to its deletion, and again five to end. Then it removes it by force.
const SUSPENDED_MS = 12_000;

let broker: PrivateBroker;
let scene: Scene;

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
  scene = await openScene(broker.amqpUrl);
});

afterAll(async () => {
  await scene.close();
  await broker.stop();
  await removeFolders();
});

/** As on a machine whose disk stands still for a while. */
async function deleteWhileItCannotAnswer(queue: string): Promise<void> {
  const suspend = `P = whereis('%2F_${queue}'), erlang:suspend_process(P), timer:sleep(${SUSPENDED_MS})`;
  await broker.ctl('eval', `spawn(fun() -> ${suspend} end).`);
  await scene.channel.deleteQueue(queue);
}

describe('a queue that RabbitMQ deletes by force', () => {
  it('cancels no consumer, which is why a runner asks, and begins anew', async () => {
    const bystander = await scene.newChannel();
    const heard: unknown[] = [];
    await bystander.consume(scene.queue, (delivery) => heard.push(delivery));
    const runner = startRunner(scene, {
      amqpUrl: broker.amqpUrl,
      topology: scene.topology,
      subscriptionCheckMs: 100,
    });
    await eventually(() => runner.steps.includes('subscribed'));
    await deleteWhileItCannotAnswer(scene.queue);
    await runner.logged('session-ended');
    expect(runner.log.of('session-ended').join()).not.toContain('the broker cancelled the consumer');
    await eventually(async () => (await consumersOf(scene.queue)) === 1);
    (await scene.newChannel()).sendToQueue(scene.queue, Buffer.from('{"key":"a"}'), { messageId: 'after' });
    await runner.settled(1);
    // The hazard: the other consumer was not told of the deletion, and gets nothing from the new queue.
    expect(heard).toEqual([]);
    await runner.stop();
  });

  it('and declared again takes nothing from a channel that knew the old one, which is why a publisher changes its channel', async () => {
    const knowing = await scene.newChannel();
    knowing.sendToQueue(scene.bills, Buffer.from('{}'), { messageId: 'before' });
    const runner = startRunner(scene, {
      amqpUrl: broker.amqpUrl,
      topology: scene.topology,
      confirmTimeoutMs: 1_000,
    });
    scene.send({ key: 'b' }, { messageId: 'first' });
    await runner.settled(1);
    const [declaration] = scene.topology.queues.filter(({ name }) => name === scene.bills);
    await deleteWhileItCannotAnswer(scene.bills);
    await scene.channel.assertQueue(scene.bills, {
      durable: true,
      ...(declaration?.arguments && { arguments: declaration.arguments }),
    });
    // The hazard: what this channel publishes is lost, or kept for a queue that is gone.
    knowing.sendToQueue(scene.bills, Buffer.from('{}'), { messageId: 'in vain' });

    (await scene.newChannel()).sendToQueue(scene.queue, Buffer.from('{"key":"b"}'), { messageId: 'second' });
    await runner.settled(2);
    const ids = (await scene.drain(scene.bills)).map(({ properties }) => properties.messageId);
    expect(ids).toEqual(['bill-second']);
    expect(runner.log.of('publish-stuck').join()).toContain('"failure":"timed out"');
    await runner.stop();
  });
});

async function consumersOf(queue: string): Promise<number | undefined> {
  const channel = await scene.newChannel();
  try {
    return (await channel.checkQueue(queue)).consumerCount;
  } catch {
    return undefined;
  }
}
