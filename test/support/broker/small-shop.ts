import { setTimeout as sleep } from 'node:timers/promises';
import { type ConfirmChannel, connect } from 'amqplib';
import { expect } from 'vitest';
import type { PrivateCluster } from '../../../infra/broker/private-cluster.js';
import { queueFunction } from '../../../lib/lambda/function/queue-function.js';
import { runQueue } from '../../../lib/rabbitmq/runner/run-queue.js';
import type { Step } from '../../../lib/rabbitmq/steps.js';
import { type RecordingLog, recordingLog } from './recording-log.js';

/** A small shop on a cluster: what is picked up is billed when it is purchased, by an owner with a memory, or by a standby. */

const QUORUM = { 'x-queue-type': 'quorum' };
const DEAD = 'orders.dead';

/** Declares its queues. */
export async function declareSmallShop(amqpUrl: string): Promise<void> {
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

export interface SmallWorker {
  readonly log: RecordingLog;
  readonly steps: readonly Step[];
  stop(): Promise<void>;
}

/** Bills a purchase of what it has seen picked up, and rejects any other. Connects to these nodes, in this order. */
export function startSmallWorker(cluster: PrivateCluster, name: string, nodes: readonly number[]): SmallWorker {
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
  return {
    log,
    steps,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

export interface SmallShop {
  /** What was purchased, and which pick up its bill names. */
  readonly bills: ReadonlyMap<string, string>;
  /** Bodies of what was rejected. */
  readonly dead: readonly string[];
  /** Ends the sensor, and waits until each purchase is billed or rejected. Nothing may be rejected, or billed for another pick up. */
  closes(): Promise<void>;
}

/** Picks up and purchases one thing after the other, a second or two in between, and takes what comes of it, on one node. */
export async function openSmallShop(amqpUrl: string): Promise<SmallShop> {
  const model = await connect(amqpUrl);
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
  const cycles: Promise<void>[] = [];
  let over = false;
  const running = (async () => {
    while (!over) {
      cycles.push(cycle(channel, `k${cycles.length}`));
      await sleep(20);
    }
  })();
  return {
    bills,
    dead,
    closes: async () => {
      over = true;
      await running;
      await Promise.all(cycles);
      await expect.poll(() => bills.size + dead.length).toBe(cycles.length);
      expect(dead).toEqual([]);
      expect([...bills].filter(([key, picked]) => picked !== `pick-${key}`)).toEqual([]);
      await model.close();
    },
  };
}

async function cycle(channel: ConfirmChannel, key: string): Promise<void> {
  await send(channel, 'pick', key);
  await sleep(1_000 + 1_000 * Math.random());
  await send(channel, 'buy', key);
}

/** Until it is confirmed. */
function send(channel: ConfirmChannel, type: string, key: string): Promise<void> {
  const body = Buffer.from(JSON.stringify({ type, key }));
  return new Promise((resolve) => {
    const options = { messageId: `${type}-${key}`, persistent: true };
    channel.sendToQueue('orders', body, options, (error) => resolve(error ? send(channel, type, key) : undefined));
  });
}
