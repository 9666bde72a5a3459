import { setTimeout as sleep } from 'node:timers/promises';
import { type ConfirmChannel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PrivateCluster, startPrivateCluster } from '../../infra/broker/private-cluster.js';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import type { Step } from '../../lib/rabbitmq/steps.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { recordingLog } from '../support/broker/recording-log.js';

/** A node that hangs for longer than the others wait for it, and for less than its clients do. */

/** Seconds. The other nodes give it up after 3 to 5. */
const NET_TICK = 4;
/** Clients miss their second heartbeat after 20 s. */
const FROZEN_MS = 14_000;

let cluster: PrivateCluster;

beforeAll(async () => {
  cluster = await startPrivateCluster({ folder: await newFolder(), nodes: 3, netTick: NET_TICK });
});

afterAll(async () => {
  await cluster.stop();
  await removeFolders();
});

const QUORUM = { 'x-queue-type': 'quorum' };
const DEAD = 'orders.dead';

async function declare(amqpUrl: string): Promise<void> {
  const model = await connect(amqpUrl);
  const channel = await model.createChannel();
  for (const queue of [DEAD, 'bills']) await channel.assertQueue(queue, { arguments: QUORUM });
  await channel.assertQueue('orders', {
    deadLetterExchange: '',
    deadLetterRoutingKey: DEAD,
    arguments: { ...QUORUM, 'x-single-active-consumer': true, 'x-delivery-limit': 1_000 },
  });
  await channel.close();
  await model.close();
}

/** Bills a purchase of what it has seen picked up, and rejects any other. */
function startRunner(name: string, nodes: readonly number[]) {
  const stop = new AbortController();
  const log = recordingLog();
  const steps: Step[] = [];
  const ended = runQueue<string>({
    amqpUrl: nodes.map((node) => cluster.nodes[node]?.amqpUrl).join(','),
    queue: 'orders',
    connectionName: name,
    handler: queueFunction('orders', ({ json, messageId = '' }, store) => {
      const { type, key } = json as { readonly type: string; readonly key: string };
      const picked = store.get(key);
      if (type === 'pick') store.set(key, messageId);
      else if (picked === undefined) return { rejected: `${name} has not seen it picked up` };
      else store.delete(key);
      if (type === 'pick') return { outgoing: [] };
      const body = { key, picked };
      return {
        outgoing: [
          { exchange: '', routingKey: 'bills', body, messageId: `bill-${key}`, type: 'bill', mustRoute: true },
        ],
      };
    }),
    changelog: {},
    log,
    signal: stop.signal,
    onStep: (step) => steps.push(step),
  });
  const stopped = async (): Promise<void> => {
    stop.abort();
    await ended;
  };
  return { log, steps, stopped };
}

/** Picks up and purchases one thing after the other, a second or two in between, until it is told to end. */
function startSensor(channel: ConfirmChannel) {
  const cycles: Promise<void>[] = [];
  let over = false;
  const send = (type: string, key: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = { messageId: `${type}-${key}`, persistent: true };
      const body = Buffer.from(JSON.stringify({ type, key }));
      channel.sendToQueue('orders', body, options, (error) => (error ? reject(error) : resolve()));
    });
  const cycle = async (key: string): Promise<void> => {
    await send('pick', key);
    await sleep(1_000 + 1_000 * Math.random());
    await send('buy', key);
  };
  const running = (async () => {
    while (!over) {
      cycles.push(cycle(`k${cycles.length}`));
      await sleep(20);
    }
  })();
  return {
    end: async (): Promise<number> => {
      over = true;
      await running;
      await Promise.all(cycles);
      return cycles.length;
    },
  };
}

it('an owner whose node comes back after it was replaced settles nothing with its old memory', async () => {
  await declare(cluster.nodes[0]?.amqpUrl ?? '');
  const owner = startRunner('owner', [0, 1, 2]);
  await expect.poll(() => owner.steps).toContain('subscribed');
  const standby = startRunner('standby', [1, 2, 0]);
  await expect.poll(() => standby.steps).toContain('subscribed');

  const model = await connect(cluster.nodes[2]?.amqpUrl ?? '');
  const channel = await model.createConfirmChannel();
  const bills = new Map<string, string>();
  const dead: string[] = [];
  await channel.consume('bills', (message) => {
    if (message === null) return;
    const { key, picked } = JSON.parse(message.content.toString()) as { readonly key: string; readonly picked: string };
    bills.set(key, picked);
    channel.ack(message);
  });
  await channel.consume(DEAD, (message) => {
    if (message !== null) dead.push(message.content.toString());
  });
  const sensor = startSensor(channel);
  await expect.poll(() => bills.size).toBeGreaterThan(100);

  cluster.nodes[0]?.freeze();
  await sleep(FROZEN_MS);
  cluster.nodes[0]?.thaw();
  await expect.poll(() => standby.steps).toContain('recovered');
  const billed = bills.size;
  await expect.poll(() => bills.size).toBeGreaterThan(billed + 500);
  // Now RabbitMQ makes the old owner's consumer the active one again.
  await standby.stopped();
  await expect.poll(() => bills.size).toBeGreaterThan(billed + 1_000);

  const sold = await sensor.end();
  await expect.poll(() => bills.size + dead.length).toBe(sold);
  expect(dead).toEqual([]);
  expect([...bills].filter(([key, picked]) => picked !== `pick-${key}`)).toEqual([]);
  expect(owner.log.of('session-ended').join('\n')).toMatch(/does not come back|has taken over/);
  await owner.stopped();
  await model.close();
});
