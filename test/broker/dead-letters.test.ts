import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage, type Options } from 'amqplib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWorker, type Worker } from '../../infra/shop/roles/worker.js';
import type { DeadLetter } from '../../lib/dead-letters/ledger.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { purge } from '../../lib/rabbitmq/dead-letters/purge.js';
import { redrive } from '../../lib/rabbitmq/dead-letters/redrive.js';
import { type Catalog, parseCatalog } from '../../lib/shop/domain/catalog.js';
import {
  BILLING_EVENTS,
  DEAD_LETTER_EXCHANGE,
  DEAD_LETTER_LOG,
  DEAD_LETTER_QUEUE,
  SHOPPING_EVENTS_EXCHANGE,
} from '../../lib/shop/domain/topology.js';
import { eventually } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

const amqpUrl = process.env['AMQP_URL'] as string;
const SOURCE = 'source';
const never = new AbortController().signal;
const places = { queue: DEAD_LETTER_QUEUE, log: DEAD_LETTER_LOG, signal: never };

let model: ChannelModel;
let channel: ConfirmChannel;
let connection: Connection;
let worker: Worker;
let catalog: Catalog = withProducts([]);
const stop = new AbortController();

function withProducts(products: readonly string[]): Catalog {
  return parseCatalog({ customers_database: { ada: products }, cost_per_unit: 2, number_of_units: 5 });
}

beforeAll(async () => {
  worker = startWorker({
    amqpUrl,
    id: 'worker01',
    queue: 'worker01_queue',
    catalog: () => catalog,
    log: recordingLog(),
    signal: stop.signal,
  });
  await worker.ready;
  connection = await openConnection({ amqpUrl, connectionName: 'people', log: recordingLog() });
  model = await connect(amqpUrl);
  channel = await model.createConfirmChannel();
});

afterAll(async () => {
  stop.abort();
  await worker.ended;
  await connection.close();
  await model.close();
});

beforeEach(async () => {
  await channel.purgeQueue(DEAD_LETTER_QUEUE);
  await channel.purgeQueue(BILLING_EVENTS);
});

const event = (type: 'pick up' | 'purchase', product: string): Buffer =>
  Buffer.from(JSON.stringify({ event_type: type, product_number: product, timestamp: '2026-01-01T10:00:00' }));

async function send(type: 'pick up' | 'purchase', product: string, options: Options.Publish = {}): Promise<void> {
  channel.publish(SHOPPING_EVENTS_EXCHANGE, product, event(type, product), options);
  await channel.waitForConfirms();
}

async function dead(count: number): Promise<void> {
  await eventually(async () => (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount >= count);
}

async function letters(): Promise<DeadLetter[]> {
  return [...(await listDeadLetters(connection, places)).letters];
}

async function waiting(): Promise<DeadLetter[]> {
  return (await letters()).filter(({ state }) => state === 'waiting');
}

async function all(): Promise<Map<string, string>> {
  return new Map((await waiting()).map(({ id, reason }) => [id, reason]));
}

/** Takes everything that is there. */
async function drain(queue: string): Promise<GetMessage[]> {
  const taken: GetMessage[] = [];
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message === false) return taken;
    taken.push(message);
  }
}

async function bills(count: number): Promise<GetMessage[]> {
  await eventually(async () => (await channel.checkQueue(BILLING_EVENTS)).messageCount >= count);
  return drain(BILLING_EVENTS);
}

describe('a rejected event', () => {
  it('says why, is looked at without a change, and is billed once its product is known', async () => {
    catalog = withProducts([]);
    await send('pick up', 'P-1', { messageId: 'a' });
    await send('purchase', 'P-1', { messageId: 'b' });
    await dead(2);
    for (let look = 0; look < 2; look++) {
      expect(await waiting()).toMatchObject([
        { reason: 'unknown product', queue: 'worker01_queue', messageId: 'a', copies: 1, redrives: 0 },
        { reason: 'unknown product', queue: 'worker01_queue', messageId: 'b', copies: 1, redrives: 0 },
      ]);
    }
    catalog = withProducts(['P-1']);
    expect(await redrive(connection, { ...places, reasons: await all() })).toEqual({ done: 2, left: [] });
    const [bill, ...others] = await bills(1);
    expect(others).toEqual([]);
    expect(JSON.parse(String(bill?.content))).toMatchObject({ customer_id: 'ada', product_number: 'P-1' });
    expect(await waiting()).toEqual([]);
    const states = (await letters()).map(({ state, messageId }) => [messageId, state]);
    expect(states).toEqual([
      ['a', 'redriven'],
      ['b', 'redriven'],
    ]);
  });

  it('that came before its pick up is billed after it, and counts how often it was sent back in vain', async () => {
    catalog = withProducts(['P-2']);
    await send('purchase', 'P-2', { messageId: 'early' });
    await dead(1);
    await redrive(connection, { ...places, reasons: await all() });
    await dead(1);
    expect(await waiting()).toMatchObject([{ reason: 'purchase without pick up', messageId: 'early', redrives: 1 }]);
    await send('pick up', 'P-2', { messageId: 'late' });
    await eventually(() => worker.basket().has('P-2'));
    await redrive(connection, { ...places, reasons: await all() });
    expect(await bills(1)).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });

  it.each(['taken', 'sent', 'marked', 'acknowledged'])(
    'is billed once although who sends it back is killed at "%s", and sends it back again',
    async (step) => {
      catalog = withProducts([]);
      const products = Array.from({ length: 15 }, (_, index) => `${step}-${index}`);
      for (const product of products) await send('pick up', product, { messageId: `up-${product}` });
      // Every second one has no id.
      for (const [index, product] of products.entries()) {
        await send('purchase', product, index % 2 === 0 ? { messageId: `buy-${product}` } : {});
      }
      await dead(30);
      catalog = withProducts(products);
      const victim = spawn(process.execPath, ['dist.test/test/support/broker/redrive.js', amqpUrl, step], {
        stdio: 'inherit',
      });
      const [, signal] = await once(victim, 'exit');
      expect(signal).toBe('SIGKILL');
      // The messages that the killed one held come back when the broker has noticed.
      const left = { taken: 20, sent: 20, marked: 20, acknowledged: 10 }[step] ?? 0;
      await dead(left);
      do {
        // A broker may be silent for longer than a redrive waits; the next redrive continues.
        const heir = spawn(process.execPath, ['dist.test/test/support/broker/redrive.js', amqpUrl], {
          stdio: 'inherit',
        });
        expect((await once(heir, 'exit'))[0]).toBe(0);
      } while ((await waiting()).length > 0);
      const found = await bills(15);
      expect(new Set(found.map(({ properties }) => properties.messageId)).size).toBe(15);
      expect(found).toHaveLength(15);
      expect(await waiting()).toEqual([]);
      expect(worker.basket().size).toBe(0);
    },
  );

  it('says that somebody took it, whom we do not know', async () => {
    catalog = withProducts([]);
    await send('purchase', 'P-3', { messageId: 'gone' });
    await dead(1);
    await drain(DEAD_LETTER_QUEUE);
    expect((await letters()).at(-1)).toMatchObject({
      state: 'missing',
      messageId: 'gone',
      reason: 'unknown product',
    });
  });

  it('is dropped for good when it is purged, and the log keeps that', async () => {
    catalog = withProducts([]);
    await send('purchase', 'P-4', { messageId: 'unwanted' });
    await dead(1);
    expect(await purge(connection, { ...places, by: 'ada', reasons: await all() })).toEqual({ done: 1, left: [] });
    expect(await drain(DEAD_LETTER_QUEUE)).toEqual([]);
    expect((await letters()).at(-1)).toMatchObject({ state: 'purged', by: 'ada', messageId: 'unwanted' });
  });
});

describe('a dead letter of another queue', () => {
  beforeEach(async () => {
    await channel.assertExchange(SOURCE, 'direct');
    await channel.assertQueue(SOURCE, {
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3, 'x-dead-letter-exchange': DEAD_LETTER_EXCHANGE },
    });
    await channel.bindQueue(SOURCE, SOURCE, 'key');
  });

  /** Makes the broker dead-letter a message. */
  async function die(body: Buffer, options: Options.Publish = {}, requeue = false): Promise<void> {
    const before = (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount;
    channel.publish(SOURCE, 'key', body, options);
    await channel.waitForConfirms();
    const { consumerTag } = await channel.consume(SOURCE, (message) => {
      // RabbitMQ 4.3 counts no `basic.nack` as a delivery that failed.
      if (message !== null) channel.reject(message, requeue);
    });
    await dead(before + 1);
    await channel.cancel(consumerTag);
  }

  it('that failed too often says how often', async () => {
    await die(Buffer.from('{}'), { messageId: 'flop' }, true);
    expect(await waiting()).toMatchObject([{ reason: 'failed 4 times', messageId: 'flop', queue: SOURCE }]);
  });

  it('goes back byte for byte, with its properties, but for what only its sender may say', async () => {
    const body = Buffer.alloc(1024 * 1024, 0xff);
    const { username } = new URL(amqpUrl);
    await die(body, {
      messageId: 'large',
      contentType: 'application/octet-stream',
      contentEncoding: 'identity',
      correlationId: 'c',
      replyTo: 'r',
      priority: 3,
      type: 't',
      appId: 'a',
      timestamp: 1_700_000_000,
      userId: username,
      expiration: '3600000',
      CC: ['elsewhere'],
      headers: { n: 1, list: [true, 'x'], time: { '!': 'timestamp', value: 1_700_000_000 } },
    });
    expect(await waiting()).toMatchObject([{ reason: 'rejected, without a reason in the log', bytes: body.length }]);
    expect(await redrive(connection, { ...places, reasons: await all() })).toEqual({ done: 1, left: [] });
    const [back] = await drain(SOURCE);
    expect(back?.content.equals(body)).toBe(true);
    expect(back?.properties).toMatchObject({
      messageId: 'large',
      contentType: 'application/octet-stream',
      contentEncoding: 'identity',
      correlationId: 'c',
      replyTo: 'r',
      priority: 3,
      type: 't',
      appId: 'a',
      timestamp: 1_700_000_000,
      // As it was sent: a dead letter's queue has it on disk in either case.
      deliveryMode: undefined,
      userId: undefined,
      expiration: undefined,
    });
    const { headers } = back?.properties ?? {};
    expect(headers).toMatchObject({ n: 1, list: [true, 'x'], time: { '!': 'timestamp', value: 1_700_000_000 } });
    expect(headers).toMatchObject({ redrives: 1 });
    expect(Object.keys(headers ?? {}).filter((name) => /death|CC/.test(name))).toEqual([]);
  });

  it('stays where it is when its exchange is gone, or no queue takes it, or nothing says where it came from', async () => {
    await die(Buffer.from('1'), { messageId: 'unroutable' });
    await channel.unbindQueue(SOURCE, SOURCE, 'key');
    const unroutable = await redrive(connection, { ...places, reasons: await all() });
    expect(unroutable).toMatchObject({ done: 0, left: [{ problem: 'no queue is bound there any more' }] });
    await channel.deleteExchange(SOURCE);
    const homeless = await redrive(connection, { ...places, reasons: await all() });
    expect(homeless).toMatchObject({ done: 0, left: [{ problem: 'there is no exchange "source" any more' }] });
    channel.sendToQueue(DEAD_LETTER_QUEUE, Buffer.from('2'), { messageId: 'by hand' });
    await channel.waitForConfirms();
    const reasons = new Map((await waiting()).map(({ id, reason }) => [id, reason]));
    expect([...reasons.values()]).toEqual(['rejected, without a reason in the log', 'put there by hand']);
    expect(await redrive(connection, { ...places, reasons })).toMatchObject({
      done: 0,
      left: [{}, { problem: 'nothing says where it came from' }],
    });
    expect((await drain(DEAD_LETTER_QUEUE)).map(({ content }) => String(content))).toEqual(['1', '2']);
  });
});
