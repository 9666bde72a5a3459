import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { createSender } from '../../lib/lambda/function/publishing.js';
import type { Step } from '../../lib/rabbitmq/steps.js';
import { YOUNG_QUEUE_MS } from '../../lib/rabbitmq/topology/young-queues.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { recordingLog } from '../support/broker/recording-log.js';
import {
  newOrderNames,
  type OrderNames,
  type OrderWorker,
  ready,
  startOrderWorker,
} from '../support/broker/shared-orders.js';

let broker: PrivateBroker;

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
});

afterAll(async () => {
  await broker.stop();
  await removeFolders();
});

/**
 * Picks up and buys one thing after the other in many lanes, each event until it is confirmed, and returns what must be billed.
 */
function goShopping({ exchange }: OrderNames, lanes: number) {
  const sender = createSender({ amqpUrl: broker.amqpUrl, name: 'sensor', log: recordingLog(), timeoutMs: 5_000 });
  const bought: string[] = [];
  let over = false;
  const see = async (type: 'pick' | 'buy', key: string, round: number): Promise<void> => {
    const messageId = `${type}-${key}-${round}`;
    const message = {
      exchange,
      routingKey: key,
      body: { type, key, round },
      messageId,
      type: 'order',
      mustRoute: true,
    };
    for (let isSafe = false; !isSafe; ) {
      isSafe = await sender.publish([message]).then(
        () => true,
        () => sleep(100, false),
      );
    }
  };
  const walked = Array.from({ length: lanes }, async (_, lane) => {
    for (let round = 1; !over; round++) {
      await see('pick', `k${lane}`, round);
      await sleep(Math.random() * 2_000);
      await see('buy', `k${lane}`, round);
      bought.push(`bill-k${lane}-${round}`);
    }
  });
  return {
    ends: async (): Promise<readonly string[]> => {
      over = true;
      await Promise.all(walked);
      await sender.close();
      return bought;
    },
  };
}

/** Ids of the bills, each once, and bodies of what was dead-lettered. */
async function outcome(
  { bills, dead }: OrderNames,
  wanted: number,
): Promise<{ billed: Set<string>; dropped: string[] }> {
  const model = await connect(broker.amqpUrl);
  const channel = await model.createChannel();
  const billed = new Set<string>();
  const dropped: string[] = [];
  await channel.consume(bills, (message) => void billed.add(`${message?.properties.messageId}`), { noAck: true });
  await channel.consume(dead, (message) => void dropped.push(`${message?.content}`), { noAck: true });
  await expect.poll(() => billed.size + dropped.length).toBeGreaterThanOrEqual(wanted);
  await sleep(500);
  await model.close();
  return { billed, dropped };
}

const STEPS: readonly Step[] = [
  'barriers to takers sent',
  'ring bound',
  'barriers to givers sent',
  'barrier met',
  'entries given',
  'all given',
  'giving told',
  'entries taken',
  'taking told',
];

describe('a rescale whose broker is killed', () => {
  it.each(STEPS)('at "%s" loses nothing', async (step) => {
    const names = newOrderNames();
    const workers: OrderWorker[] = [];
    let restarted: Promise<void> | undefined;
    let isArmed = false;
    const start = (name: string): OrderWorker => {
      const steps: Step[] = [];
      const onStep = (reached: Step): void => {
        steps.push(reached);
        if (!isArmed || reached !== step || restarted !== undefined) return;
        restarted = broker.kill().then(() => broker.restart());
      };
      // Nodes forget queues and bindings that are younger.
      const options = { amqpUrl: broker.amqpUrl, youngQueueMs: YOUNG_QUEUE_MS, onStep };
      const worker = { ...startOrderWorker(names, names.worker(name), { settleMs: YOUNG_QUEUE_MS }, options), steps };
      workers.push(worker);
      return worker;
    };
    for (const name of ['1', '2']) await ready(start(name));
    await sleep(YOUNG_QUEUE_MS);
    const shopping = goShopping(names, 200);
    await sleep(1_000);
    isArmed = true;
    const third = start('3');
    await ready(third);
    expect(restarted).toBeDefined();
    await restarted;
    await sleep(1_000);
    const bought = await shopping.ends();
    const { billed, dropped } = await outcome(names, bought.length);
    expect(dropped).toEqual([]);
    expect(bought.filter((id) => !billed.has(id))).toEqual([]);
    await Promise.all(workers.map((worker) => worker.stop()));
  });
});
