import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onConnection, openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import type { EncodedMessage } from '../../lib/rabbitmq/publishing/encoded-message.js';
import { PublishError } from '../../lib/rabbitmq/publishing/publish-error.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { record } from '../../lib/rabbitmq/recording/record.js';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';
import { type NetworkProxy, openProxy } from '../support/broker/proxy.js';
import { recordingLog } from '../support/broker/recording-log.js';

let scene: Scene;
let proxy: NetworkProxy;
let running: LocalRunner[];

beforeEach(async () => {
  scene = await openScene();
  proxy = await openProxy();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((runner) => runner.stop()));
  await proxy.close();
  await scene.close();
});

function start(options: Partial<QueueRunnerOptions<number>> = {}): LocalRunner {
  const runner = startRunner(scene, { amqpUrl: proxy.url, recordable: true, ...options });
  running.push(runner);
  return runner;
}

async function subscribed(runner: LocalRunner, times: number): Promise<void> {
  await eventually(() => runner.steps.filter((step) => step === 'subscribed').length >= times);
}

async function billedOnce(messages: number): Promise<void> {
  const ids = new Map<string, string>();
  await eventually(async () => {
    for (const { properties, content } of await scene.drain(scene.bills)) {
      const id = String(properties.messageId);
      expect(ids.get(id) ?? content.toString()).toBe(content.toString());
      ids.set(id, content.toString());
    }
    return ids.size >= messages;
  });
  expect(new Set(ids.values()).size).toBe(messages);
}

/** AMQP 0-9-1: a method frame on `channel` with basic.ack (60, 80) of one delivery tag. */
function acknowledgement(channel: number, deliveryTag: bigint): Buffer {
  const frame = Buffer.alloc(21);
  frame.writeUInt8(1, 0);
  frame.writeUInt16BE(channel, 1);
  frame.writeUInt32BE(13, 3);
  frame.writeUInt16BE(60, 7);
  frame.writeUInt16BE(80, 9);
  frame.writeBigUInt64BE(deliveryTag, 11);
  frame.writeUInt8(0xce, 20);
  return frame;
}

const message = (routingKey: string, id: string, mustRoute = true): EncodedMessage => ({
  exchange: '',
  routingKey,
  content: Buffer.from('{}'),
  messageId: id,
  mustRoute,
  properties: {},
});

/** The channels of a runner's connection, by number. */
const [PUBLISHER, LISTENER, POLLER] = [1, 2, 3];

describe('a runner', () => {
  it('goes on after its connection was cut, again and again, and bills everything once', async () => {
    const runner = start({ batchSize: 10 });
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 40; index++) scene.send({ key: 'a' }, { messageId: `${round}-${index}` });
      await eventually(() => runner.batches.length > round * 2);
      proxy.cut();
    }
    await billedOnce(200);
    expect(runner.log.of('session-ended')).not.toEqual([]);
  });

  it('notices a peer that is silent, and returns when there is one again', async () => {
    const runner = start({ heartbeatSeconds: 1 });
    scene.send({ key: 'a' });
    await runner.settled(1);
    proxy.freeze();
    await runner.logged('connection-error', 'Heartbeat timeout');
    await proxy.close();
    await runner.logged('connect-failed');
    proxy = await openProxy();
  });

  it('declares its queue again and subscribes anew when the queue was deleted', async () => {
    const runner = start({ topology: scene.topology, subscriptionCheckMs: 100 });
    scene.send({ key: 'a' });
    await runner.settled(1);
    await scene.channel.deleteQueue(scene.queue);
    await runner.logged('session-ended');
    await subscribed(runner, 2);
    // A channel that knew the old queue may be received by no new one: see forced-deletion.test.ts.
    (await scene.newChannel()).sendToQueue(scene.queue, Buffer.from('{"key":"a"}'), { messageId: 'second' });
    await runner.settled(2);
    expect(runner.store.get('a')).toBe(2);
  });

  it.each([PUBLISHER, POLLER])(
    'goes on after its channel %i is closed for an acknowledgement that nobody asked for (406)',
    async (channel) => {
      const runner = start();
      scene.send({ key: 'a' }, { messageId: '1' });
      await runner.settled(1);
      proxy.say(acknowledgement(channel, 4711n));
      await runner.logged('session-ended', 'PRECONDITION_FAILED - unknown delivery tag 4711');
      scene.send({ key: 'a' }, { messageId: '2' });
      await runner.settled(2);
      await billedOnce(2);
    },
  );

  it('works on where the channel is closed on which it hears who wants to record, and hears on another one', async () => {
    const runner = start();
    scene.send({ key: 'a' }, { messageId: '1' });
    await runner.settled(1);
    proxy.say(acknowledgement(LISTENER, 4711n));
    scene.send({ key: 'a' }, { messageId: '2' });
    await runner.settled(2);
    await billedOnce(2);
    const stop = new AbortController();
    const options = { amqpUrl, connectionName: 'recorder', log: runner.log };
    await onConnection(options, (connection) =>
      record(connection, {
        queue: scene.queue,
        signal: stop.signal,
        onHeard: () => stop.abort(),
        onLine: () => undefined,
      }),
    );
    expect(runner.log.of('session-ended')).toEqual([]);
  });

  it('stops at once when nothing is under way, and leaves no connection', async () => {
    const runner = start();
    await subscribed(runner, 1);
    await runner.stop();
    expect(await runner.ended).toBeUndefined();
    // A quorum queue learns of a closed channel a moment after its client.
    await eventually(async () => (await scene.channel.checkQueue(scene.queue)).consumerCount === 0);
  });

  it('stops although the broker is not there', async () => {
    const runner = start({ amqpUrl: 'amqp://127.0.0.1:1' });
    await runner.logged('connect-failed');
    await runner.stop();
    expect(await runner.ended).toBeUndefined();
  });
});

describe('a connection', () => {
  it('closes although the peer is dead: the handshake of amqplib alone would wait for ever', async () => {
    const connection = await openConnection({ amqpUrl: proxy.url, connectionName: 'test', log: recordingLog() });
    proxy.freeze();
    const hazard = connection.model.close().then(
      () => 'closed',
      () => 'failed',
    );
    expect(await Promise.race([hazard, connection.close().then(() => 'ours')])).toBe('ours');
  });

  it('gives up opening when the peer says nothing', async () => {
    proxy.freeze();
    const opening = openConnection({
      amqpUrl: proxy.url,
      connectionName: 'test',
      log: recordingLog(),
      connectTimeoutMs: 100,
    });
    await expect(opening).rejects.toThrow('ETIMEDOUT');
  });
});

describe('a publisher', () => {
  it('tells apart what was refused, unroutable and lost', async () => {
    const connection = await openConnection({ amqpUrl: proxy.url, connectionName: 'test', log: recordingLog() });
    const publisher = await Publisher.open(connection, 500);
    const full = `full-${scene.queue}`;
    await scene.channel.assertQueue(full, {
      exclusive: true,
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    });
    const failures = await publisher.publishAll([
      message(full, '1'),
      message(full, '2'),
      message('nowhere', '3'),
      message('nowhere', '3'),
      message('nowhere', '4', false),
    ]);
    expect(failures.map(({ failure, sent }) => [sent.messageId, failure])).toEqual([
      ['2', 'nacked'],
      ['3', 'returned'],
      ['3', 'returned'],
    ]);
    await publisher.publish(message(scene.bills, '5'));
    proxy.freeze();
    await expect(publisher.publish(message(scene.bills, '6'))).rejects.toMatchObject({ failure: 'timed out' });
    proxy.cut();
    const lost = await publisher.publishAll([message(scene.bills, '7'), message(scene.bills, '8')]);
    expect(lost.map(({ failure }) => failure)).toEqual(['channel gone', 'channel gone']);
    expect(lost[0]).toBeInstanceOf(PublishError);
    await connection.close();
  });

  it('waits for drain: memory does not take what the socket does not', async () => {
    const connection = await openConnection({ amqpUrl: proxy.url, connectionName: 'test', log: recordingLog() });
    const publisher = await Publisher.open(connection, 30_000);
    const large = { ...message(scene.bills, 'x'), content: Buffer.alloc(50_000) };
    const failures = await publisher.publishAll(
      Array.from({ length: 400 }, (_, index) => ({ ...large, messageId: `${index}` })),
    );
    expect(failures).toEqual([]);
    await scene.channel.purgeQueue(scene.bills);
    await connection.close();
  });
});

describe('a topology', () => {
  it('adopts what exists with other arguments, and says which', async () => {
    const connection = await openConnection({ amqpUrl, connectionName: 'test', log: recordingLog() });
    const log = recordingLog();
    await declareTopology(connection, scene.topology, log);
    expect(log.lines).toEqual([]);
    const weaker = {
      exchanges: [{ name: scene.alerts, type: 'direct', durable: true }],
      queues: [{ name: scene.bills, durable: true, arguments: { 'x-queue-type': 'quorum', 'x-max-length': 5 } }],
      bindings: [{ exchange: scene.alerts, queue: scene.bills, routingKey: '#' }],
    };
    await declareTopology(connection, weaker, log);
    const [exchange, queue] = log.of('arguments-differ');
    expect(exchange).toContain('"point":"type","expected":"direct","found":"topic"');
    expect(queue).toContain('"point":"x-max-length","expected":5');
    await connection.close();
  });
});
