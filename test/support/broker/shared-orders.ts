import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { expect } from 'vitest';
import { queueFunction } from '../../../lib/lambda/function/queue-function.js';
import type { RescaleSettings } from '../../../lib/rabbitmq/rescale/settings.js';
import type { QueueRunnerOptions } from '../../../lib/rabbitmq/runner/options.js';
import { runQueue } from '../../../lib/rabbitmq/runner/run-queue.js';
import type { Step } from '../../../lib/rabbitmq/steps.js';
import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { amqpUrl } from './broker.js';
import { type RecordingLog, recordingLog } from './recording-log.js';

/** Names of one test's exchange and queues; those of its workers begin alike. */
export interface OrderNames {
  readonly exchange: string;
  readonly bills: string;
  readonly dead: string;
  readonly worker: (name: string) => string;
}

export function newOrderNames(): OrderNames {
  const exchange = `orders-${randomUUID().slice(0, 8)}`;
  const worker = (name: string): string => `${exchange}-${name}`;
  return { exchange, bills: `${exchange}.bills`, dead: `${exchange}.dead`, worker };
}

const QUORUM = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 };

/** What a worker on a queue declares; its binding is not in it. */
export function orderTopology({ exchange, bills, dead }: OrderNames, queue: string): Topology {
  return {
    exchanges: [{ name: exchange, type: 'x-consistent-hash', durable: true }],
    queues: [
      { name: bills, durable: true, arguments: QUORUM },
      { name: dead, durable: true, arguments: QUORUM },
      {
        name: queue,
        durable: true,
        arguments: {
          ...QUORUM,
          'x-single-active-consumer': true,
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': dead,
        },
      },
    ],
    bindings: [],
  };
}

export interface Order {
  readonly type: 'pick' | 'buy';
  readonly key: string;
  readonly round: number;
}

/** Bills what was picked up before, under the id of the purchase. Anything not picked up, or in another round, is rejected. */
export function orderHandler(bills: string) {
  return queueFunction<number>('orders', ({ json }, store) => {
    const { type, key, round } = json as Order;
    const open = store.get(key);
    if (type === 'pick') {
      if (open !== undefined) return { rejected: `${key} was picked up in round ${open}` };
      store.set(key, round);
      return { outgoing: [] };
    }
    if (open !== round) return { rejected: `${key} is bought in round ${round}, and picked up in ${open ?? 'none'}` };
    store.delete(key);
    const messageId = `bill-${key}-${round}`;
    return {
      outgoing: [{ exchange: '', routingKey: bills, body: { key, round }, messageId, type: 'bill', mustRoute: true }],
    };
  });
}

export interface OrderWorker {
  readonly queue: string;
  readonly log: RecordingLog;
  readonly store: StagedStore<number>;
  readonly steps: readonly Step[];
  readonly rescales: boolean;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** A worker in this process; one that does not rescale binds its queue itself. */
export function startOrderWorker(
  names: OrderNames,
  queue: string,
  rescale: Partial<RescaleSettings> | 'none' = {},
  more: Partial<QueueRunnerOptions<number>> = {},
): OrderWorker {
  const stop = new AbortController();
  const log = recordingLog();
  const steps: Step[] = [];
  const store = new StagedStore<number>();
  const ended = runQueue<number>({
    amqpUrl,
    queue,
    connectionName: queue,
    topology: {
      ...orderTopology(names, queue),
      bindings: rescale === 'none' ? [{ exchange: names.exchange, queue, routingKey: '1' }] : [],
    },
    handler: orderHandler(names.bills),
    changelog: {},
    ...(rescale !== 'none' && { rescale: { exchange: names.exchange, settleMs: 300, ...rescale } }),
    youngQueueMs: 0,
    backoff: { firstMs: 5, maxMs: 50 },
    store,
    log,
    signal: stop.signal,
    onStep: (step) => steps.push(step),
    ...more,
  }).catch((error: unknown) => error);
  return {
    queue,
    log,
    store,
    steps,
    rescales: rescale !== 'none',
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

export interface OrderSensor {
  /** Purchases that were sent. */
  readonly bought: () => number;
  /** Keys that are picked up and not yet bought. */
  readonly open: () => number;
  /** Buys what is open, waits until everything is billed, and returns what is wrong, which must be nothing. */
  closes(): Promise<OrderReport>;
}

export interface OrderReport {
  /** Rounds that were not billed, or billed more than once, and what was dead-lettered. */
  readonly wrong: readonly string[];
  readonly bought: number;
}

/** Picks up all keys, then never stops buying what is open and picking up what is not, each message confirmed in the end. */
export async function startOrderSensor(
  { exchange, bills, dead }: OrderNames,
  { keys, perSecond }: { readonly keys: number; readonly perSecond: number },
): Promise<OrderSensor> {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  const rounds = new Map(Array.from({ length: keys }, (_, index) => [`k${index}`, 1]));
  const open = new Set(rounds.keys());
  for (const key of open) sendOrder(channel, exchange, { type: 'pick', key, round: 1 });
  await channel.waitForConfirms();
  const names = [...rounds.keys()];
  let bought = 0;
  let over = false;
  const act = (key: string): void => {
    if (open.delete(key)) {
      bought++;
      sendOrder(channel, exchange, { type: 'buy', key, round: rounds.get(key) ?? 0 });
    } else {
      const round = (rounds.get(key) ?? 0) + 1;
      rounds.set(key, round);
      open.add(key);
      sendOrder(channel, exchange, { type: 'pick', key, round });
    }
  };
  const running = (async () => {
    for (let sent = 0, from = performance.now(); !over; await sleep(5)) {
      const due = ((performance.now() - from) * perSecond) / 1_000;
      for (; sent < due; sent++) act(names[Math.floor(Math.random() * names.length)] ?? '');
    }
  })();
  return {
    bought: () => bought,
    open: () => open.size,
    closes: async () => {
      over = true;
      await running;
      for (const key of [...open]) act(key);
      await channel.waitForConfirms();
      const billed: string[] = [];
      const dropped: string[] = [];
      const collect = async (queue: string, keep: (message: ConsumeMessage) => void): Promise<void> => {
        await channel.consume(queue, (message) => {
          if (message === null) return;
          keep(message);
          channel.ack(message);
        });
      };
      await collect(bills, ({ properties }) => billed.push(`${properties.messageId}`));
      await collect(dead, ({ content }) => dropped.push(content.toString()));
      await expect.poll(() => new Set(billed).size + dropped.length >= bought).toBe(true);
      // A late message must not be a second bill.
      await sleep(500);
      await model.close();
      const ids = new Set(billed);
      const lost = [...rounds].flatMap(([key, last]) =>
        Array.from({ length: last }, (_, index) => `bill-${key}-${index + 1}`).filter((id) => !ids.has(id)),
      );
      return { wrong: [...dropped, ...lost.map((id) => `${id} is missing`)], bought };
    },
  };
}

export function sendOrder(channel: ConfirmChannel, exchange: string, order: Order): void {
  const messageId = `${order.type}-${order.key}-${order.round}`;
  channel.publish(exchange, order.key, Buffer.from(JSON.stringify(order)), { persistent: true, messageId });
}

/** Waits until workers have their share of the keys. */
export async function ready(...workers: readonly OrderWorker[]): Promise<void> {
  for (const { steps, rescales } of workers) {
    await expect.poll(() => steps).toContain(rescales ? 'in the ring' : 'subscribed');
  }
}
