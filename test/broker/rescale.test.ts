import { type ConfirmChannel, connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { declareHandoverQueue } from '../../lib/rabbitmq/rescale/drive.js';
import { planRescale, requestRescale } from '../../lib/rabbitmq/rescale/request.js';
import { RescaleLog } from '../../lib/rabbitmq/rescale/rescale-log.js';
import { RescaleReader } from '../../lib/rabbitmq/rescale/rescale-reader.js';
import { isAtRest } from '../../lib/rabbitmq/rescale/rescale-state.js';
import type { Ring } from '../../lib/rabbitmq/ring/ring.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { amqpUrl } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';
import {
  newOrderNames,
  type OrderNames,
  type OrderWorker,
  orderTopology,
  ready,
  sendOrder,
  startOrderSensor,
  startOrderWorker,
} from '../support/broker/shared-orders.js';

let names: OrderNames;
let workers: OrderWorker[];

beforeEach(() => {
  names = newOrderNames();
  workers = [];
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
});

async function join(name: string, weight = 1): Promise<OrderWorker> {
  const worker = startOrderWorker(names, names.worker(name), { weight });
  workers.push(worker);
  await ready(worker);
  return worker;
}

describe('a queue that joins', () => {
  it('has purchases of what was picked up elsewhere dead-lettered, where nothing is handed over: the hazard', async () => {
    await join('1');
    await join('2');
    const sensor = await startOrderSensor(names, { keys: 1_000, perSecond: 500 });
    const third = startOrderWorker(names, names.worker('3'), 'none');
    workers.push(third);
    await ready(third);
    expect((await sensor.closes()).wrong.length).toBeGreaterThan(50);
  });

  it('gets its baskets from the others while a sensor never stops', async () => {
    await join('1');
    await join('2');
    const sensor = await startOrderSensor(names, { keys: 2_000, perSecond: 500 });
    const third = await join('3');
    await expect.poll(() => third.log.of('rescale-took').length).toBe(1);
    const { wrong } = await sensor.closes();
    expect(wrong).toEqual([]);
    expect(third.log.of('rescale-took')[0]).toMatch(/"entries":\d{3}/);
  });
});

it('a queue that was prepared to join, and has no binding yet, gets its baskets from the others', async () => {
  await join('1');
  await join('2');
  const sensor = await startOrderSensor(names, { keys: 1_000, perSecond: 500 });
  const queue = names.worker('3');
  await onConnection({ amqpUrl, connectionName: 'operator', log: recordingLog() }, async (connection) => {
    await declareTopology(connection, orderTopology(names, queue), recordingLog());
    await declareHandoverQueue(connection, names.exchange, queue);
  });
  const third = await join('3');
  await expect.poll(() => third.log.of('rescale-took').length).toBe(1);
  expect((await sensor.closes()).wrong).toEqual([]);
  expect(third.log.of('rescale-took')[0]).toMatch(/"entries":\d{3}/);
});

/** As an operator does: from now on these queues share the keys. */
async function rescaleTo(...queues: readonly string[]): Promise<void> {
  await onConnection({ amqpUrl, connectionName: 'operator', log: recordingLog() }, async (connection) => {
    const publisher = await Publisher.open(connection, 10_000);
    const signal = new AbortController().signal;
    const publishing = {
      publisher,
      backoff: { firstMs: 5, maxMs: 50 },
      log: recordingLog(),
      onStep: () => undefined,
      signal,
    };
    const records = await RescaleLog.open(connection, names.exchange, publishing);
    await records.until(
      () => isAtRest(records.state) && records.state.ring.length === new Set(workers.map(({ queue }) => queue)).size,
    );
    expect(await requestRescale(records, planRescale(records.state.ring, queues.map(names.worker)))).toBe(true);
    await records.until(() => isAtRest(records.state));
  });
}

describe('queues that join', () => {
  it('at once take turns, and wait for each other', async () => {
    await join('1');
    const sensor = await startOrderSensor(names, { keys: 600, perSecond: 300 });
    const both = await Promise.all([join('2'), join('3'), join('4')]);
    for (const worker of both) await expect.poll(() => worker.steps).toContain('in the ring');
    expect((await sensor.closes()).wrong).toEqual([]);
  });

  it('before others in the order of names, with other weights, get what RabbitMQ gives them', async () => {
    await join('b');
    await join('c', 3);
    const sensor = await startOrderSensor(names, { keys: 600, perSecond: 300 });
    const first = await join('a', 2);
    await expect.poll(() => first.steps).toContain('in the ring');
    expect((await sensor.closes()).wrong).toEqual([]);
    expect(await ringNow()).toEqual([
      { queue: names.worker('a'), weight: 2 },
      { queue: names.worker('b'), weight: 1 },
      { queue: names.worker('c'), weight: 3 },
    ]);
  });
});

async function ringNow(): Promise<Ring> {
  return onConnection({ amqpUrl, connectionName: 'operator', log: recordingLog() }, async (connection) => {
    const reader = await RescaleReader.follow(connection, names.exchange, new AbortController().signal);
    return reader.state.ring;
  });
}

describe('a queue that leaves', () => {
  it.each([
    ['last', ['1', '2']],
    ['first', ['2', '3']],
  ])('hands over what it has, and is deleted: the %s of three', async (which, rest) => {
    for (const name of ['1', '2', '3']) await join(name);
    const sensor = await startOrderSensor(names, { keys: 1_000, perSecond: 500 });
    await rescaleTo(...rest);
    const leaver = workers[which === 'last' ? 2 : 0] as OrderWorker;
    expect(await leaver.ended).toBeUndefined();
    expect(leaver.log.of('rescale-left')).toHaveLength(1);
    const { wrong } = await sensor.closes();
    expect(wrong).toEqual([]);
    expect(await isQueue(leaver.queue)).toBe(false);
    expect(await isQueue(`${leaver.queue}.changelog`)).toBe(false);
  });
});

it('a standby of a queue that leaves ends, too', async () => {
  for (const name of ['1', '2']) await join(name);
  const standby = await join('2');
  await rescaleTo('1');
  const [, leaver] = workers;
  expect(await leaver?.ended).toBeUndefined();
  expect(await standby.ended).toBeUndefined();
  expect(await isQueue(standby.queue)).toBe(false);
});

it('a queue that has left joins again when a worker is started on it', async () => {
  for (const name of ['1', '2']) await join(name);
  const sensor = await startOrderSensor(names, { keys: 200, perSecond: 200 });
  await rescaleTo('1');
  await workers.pop()?.ended;
  const again = await join('2');
  await expect.poll(() => again.log.of('rescale-took').length).toBe(1);
  expect((await sensor.closes()).wrong).toEqual([]);
});

it('a queue that somebody has deleted is out of the ring, and joins again when a worker is started on it', async () => {
  for (const name of ['1', '2']) await join(name);
  await expect.poll(() => workers[1]?.steps).toContain('in the ring');
  const [, second] = workers;
  await second?.stop();
  workers.pop();
  const model = await connect(amqpUrl);
  const channel = await model.createChannel();
  for (const queue of [names.worker('2'), `${names.worker('2')}.changelog`]) await channel.deleteQueue(queue);
  await channel.deleteExchange(`${names.worker('2')}.changelog`);
  await model.close();
  const sensor = await startOrderSensor(names, { keys: 200, perSecond: 200 });
  const again = await join('2');
  await expect.poll(() => again.log.of('rescale-took').length).toBe(1);
  expect((await sensor.closes()).wrong).toEqual([]);
  expect(again.log.of('rescale-took').join()).not.toContain('"entries":0');
});

describe('beside a program that does not rescale', () => {
  it('a queue gets its share as it always did, says so, and nobody gets a message that is not his', async () => {
    const foreign = names.worker('1');
    const model = await connect(amqpUrl);
    const channel = await model.createConfirmChannel();
    await channel.assertExchange(names.exchange, 'x-consistent-hash', { durable: true });
    await channel.assertQueue(foreign, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await channel.bindQueue(foreign, names.exchange, '1');
    const got: string[] = [];
    await channel.consume(foreign, (message) => void got.push(`${message?.properties.messageId}`), { noAck: true });
    const worker = startOrderWorker(names, names.worker('2'), { known: [foreign] });
    workers.push(worker);
    await ready(worker);
    expect(worker.log.of('joins-without-handover')).toHaveLength(1);
    for (let n = 0; n < 100; n++) sendOrder(channel, names.exchange, { type: 'pick', key: `k${n}`, round: 1 });
    await channel.waitForConfirms();
    await expect.poll(() => worker.store.size + got.length).toBe(100);
    expect(worker.store.size).toBeGreaterThan(20);
    expect(got.every((id) => id.startsWith('pick-'))).toBe(true);
    await model.close();
  });
});

it('a barrier that no rescale has sent is dropped, and said', async () => {
  const worker = await join('1');
  const model = await connect(amqpUrl);
  const channel = await model.createConfirmChannel();
  const forged = Buffer.from(JSON.stringify({ v: 1, epoch: 99, duty: 'give' }));
  channel.sendToQueue(worker.queue, forged, { type: 'rescale barrier' });
  sendOrder(channel, names.exchange, { type: 'pick', key: 'k', round: 1 });
  await expect.poll(() => worker.store.size).toBe(1);
  expect(worker.log.of('barrier-unknown')).toHaveLength(1);
  await model.close();
});

describe('an event that was routed by the old ring and arrives late', () => {
  /** Routes keys of the third queue to the others, whose workers are away; they come back when this is over. */
  async function routedByTwo(events: (channel: ConfirmChannel) => void): Promise<void> {
    const third = names.worker('3');
    const away = workers.splice(0, 2);
    await Promise.all(away.map((worker) => worker.stop()));
    const model = await connect(amqpUrl);
    const channel = await model.createConfirmChannel();
    await channel.unbindQueue(third, names.exchange, '1');
    events(channel);
    await channel.waitForConfirms();
    await channel.bindQueue(third, names.exchange, '1');
    await model.close();
    for (const { queue } of away) workers.push(startOrderWorker(names, queue));
  }

  const KEYS = Array.from({ length: 100 }, (_, index) => `late-${index}`);

  it('reaches the new owner, and after it what came after it', async () => {
    for (const name of ['1', '2', '3']) await join(name);
    await expect.poll(() => workers[2]?.log.of('rescale-took').length).toBe(1);
    await routedByTwo((channel) => {
      for (const [type, round] of [
        ['pick', 1],
        ['buy', 1],
        ['pick', 2],
      ] as const) {
        for (const key of KEYS) {
          // Twice, because a publisher that got no confirm publishes again.
          for (let times = 0; times < 2; times++) sendOrder(channel, names.exchange, { type, key, round });
        }
      }
    });
    const third = workers[0] as OrderWorker;
    await expect.poll(() => workers.reduce((sum, { store }) => sum + store.size, 0)).toBe(KEYS.length);
    expect(third.store.size).toBeGreaterThan(10);
    expect(workers.flatMap(({ steps }) => steps)).toContain('late forwarded');
    expect(await messagesIn(names.bills)).toBe(KEYS.length);
    expect(await messagesIn(names.dead)).toBe(0);
  });

  it('is handled where it is when it comes back, since then the ring is not what is written', async () => {
    for (const name of ['1', '2', '3']) await join(name);
    await expect.poll(() => workers[2]?.log.of('rescale-took').length).toBe(1);
    const model = await connect(amqpUrl);
    const channel = await model.createConfirmChannel();
    await channel.unbindQueue(names.worker('3'), names.exchange, '1');
    for (const type of ['pick', 'buy'] as const) {
      for (const key of KEYS) sendOrder(channel, names.exchange, { type, key, round: 1 });
    }
    await expect.poll(() => messagesIn(names.bills)).toBe(KEYS.length);
    expect(workers.flatMap(({ log }) => log.of('ring-differs')).length).toBeGreaterThan(0);
    expect(await messagesIn(names.dead)).toBe(0);
    await model.close();
  });
});

async function messagesIn(queue: string): Promise<number> {
  const model = await connect(amqpUrl);
  const { messageCount } = await (await model.createChannel()).checkQueue(queue);
  await model.close();
  return messageCount;
}

function isQueue(queue: string): Promise<boolean> {
  return onConnection({ amqpUrl, connectionName: 'operator', log: recordingLog() }, (connection) =>
    exists(connection, (channel) => channel.checkQueue(queue)),
  );
}
