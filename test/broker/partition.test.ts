import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueHandler } from '../../lib/lambda/handler.js';
import { decodeRmqEvent } from '../../lib/lambda/rmq-records.js';
import type { BatchReport } from '../../lib/rabbitmq/batch.js';
import { type PartitionOptions, runPartition } from '../../lib/rabbitmq/partition.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { amqpUrl, eventually, openScene, type Scene } from './support/broker.js';
import { countingHandler } from './support/counting-handler.js';
import { type RecordingLog, recordingLog } from './support/recording-log.js';

let scene: Scene;
let log: RecordingLog;
let stop: AbortController;
let running: Promise<void>;
let batches: BatchReport[];
let store: StagedStore<number>;

beforeEach(async () => {
  scene = await openScene();
  log = recordingLog();
  stop = new AbortController();
  batches = [];
  store = new StagedStore<number>();
});

afterEach(async () => {
  stop.abort();
  await running;
  await scene.close();
});

function start(options: Partial<PartitionOptions<number>> = {}): void {
  running = runPartition<number>({
    amqpUrl,
    queue: scene.queue,
    connectionName: 'test',
    handler: countingHandler(scene),
    handlerTimeoutMs: 5_000,
    store,
    changelog: 'none',
    log,
    signal: stop.signal,
    backoff: { firstMs: 5, maxMs: 50 },
    attempts: 3,
    onBatch: (report) => batches.push(report),
    ...options,
  });
}

async function settled(messages: number): Promise<void> {
  await eventually(() => (batches.reduce((sum, report) => sum + report.messages, 0) >= messages ? true : undefined));
}

async function billedCounts(): Promise<number[]> {
  const bills = await scene.drain(scene.bills);
  return bills.map(({ content }) => (JSON.parse(content.toString()) as { count: number }).count);
}

describe('a partition', () => {
  it('handles every message once, in order, in batches of what has arrived', async () => {
    for (let index = 0; index < 1000; index++) scene.send({ key: 'a' });
    start();
    await settled(1000);
    expect(await billedCounts()).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    expect(store.get('a')).toBe(1000);
    expect(batches[0]?.messages).toBe(1);
    expect(Math.max(...batches.map(({ messages }) => messages))).toBeGreaterThan(1);
    expect(Math.max(...batches.map(({ messages }) => messages))).toBeLessThanOrEqual(256);
  });

  it('finishes and acknowledges the running batch when stopped', async () => {
    let finish = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      const handler: QueueHandler<number> = async (event, context) => {
        resolve();
        await new Promise<void>((release) => {
          finish = release;
        });
        return countingHandler(scene)(event, context);
      };
      scene.send({ key: 'a' });
      start({ handler });
    });
    await asked;
    stop.abort();
    finish();
    await running;
    expect(await billedCounts()).toEqual([1]);
    expect(await scene.waiting(scene.queue)).toBe(0);
  });

  it('dead-letters what the handler rejects with a reason, and only that', async () => {
    scene.send({ key: 'a' });
    scene.send({ key: 'bad', then: 'reject' }, { messageId: 'bad-1' });
    scene.send({ key: 'a' });
    start();
    await settled(3);
    expect(await billedCounts()).toEqual([1, 2]);
    const dead = await eventually(async () => {
      const messages = await scene.drain(scene.deadLetters);
      return messages.length > 0 ? messages : undefined;
    });
    expect(dead.map(({ properties }) => properties.messageId)).toEqual(['bad-1']);
    expect(batches.flatMap(({ rejected }) => rejected)).toEqual([{ messageId: 'bad-1', reason: 'bad is not wanted' }]);
  });

  it('isolates a message that makes the handler throw; its neighbours go on', async () => {
    for (const then of [undefined, undefined, 'throw', undefined]) scene.send({ key: 'a', ...(then && { then }) });
    start();
    await settled(4);
    expect(await billedCounts()).toEqual([1, 2, 3]);
    expect(batches.flatMap(({ rejected }) => rejected.map(({ reason }) => reason))).toEqual(['cannot count a']);
  });

  it('retries what fails without a reason up to the limit, then rejects it', async () => {
    scene.send({ key: 'a', then: 'retry' });
    start();
    await settled(1);
    expect(batches[0]?.rejected).toHaveLength(1);
    expect(log.lines.filter((line) => line.includes('trying again'))).toHaveLength(2);
  });

  it('rolls back a batch whose handler timed out, and its late writes go nowhere', async () => {
    let late: Promise<unknown> = Promise.resolve();
    let calls = 0;
    const handler: QueueHandler<number> = async (event, context) => {
      calls++;
      if (calls > 1) return countingHandler(scene)(event, context);
      context.store.set('a', 41);
      late = new Promise((resolve) => setTimeout(resolve, 100)).then(() => context.store.set('a', 666));
      late.catch(() => undefined);
      return new Promise(() => undefined);
    };
    scene.send({ key: 'a' });
    start({ handler, handlerTimeoutMs: 50 });
    await settled(1);
    await expect(late).rejects.toThrow('its store is closed');
    expect(store.get('a')).toBe(1);
    expect(await billedCounts()).toEqual([1]);
  });

  it('does not acknowledge while a message that must route has nowhere to go, and goes on when it has', async () => {
    await scene.channel.deleteQueue(scene.bills);
    scene.send({ key: 'a' });
    start();
    await eventually(() => log.lines.find((line) => line.includes('returned')));
    expect(batches).toEqual([]);
    await scene.channel.assertQueue(scene.bills, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await settled(1);
    expect(await billedCounts()).toEqual([1]);
  });

  it('does not acknowledge while the broker refuses an outgoing message', async () => {
    await scene.channel.deleteQueue(scene.bills);
    const full = { durable: true, arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } };
    await scene.channel.assertQueue(scene.bills, full);
    scene.channel.sendToQueue(scene.bills, Buffer.from('full'));
    scene.send({ key: 'a' });
    start();
    await eventually(() => log.lines.find((line) => line.includes('nacked')));
    expect(batches).toEqual([]);
    await scene.channel.purgeQueue(scene.bills);
    await settled(1);
    expect(await billedCounts()).toEqual([1]);
  });

  it('rejects a message whose outgoing goes to a missing exchange, and keeps its channel', async () => {
    const handler = countingHandler({ bills: scene.bills, alerts: 'no-such-exchange' });
    let subscriptions = 0;
    scene.send({ key: 'a' });
    start({
      handler,
      onStep: (step) => {
        if (step === 'subscribed') subscriptions++;
      },
    });
    await settled(1);
    expect(batches[0]?.rejected[0]?.reason).toBe('there is no exchange no-such-exchange');
    expect(await billedCounts()).toEqual([]);
    expect(subscriptions).toBeLessThanOrEqual(2);
  });

  it('gives the handler an aws:rmq event', async () => {
    const seen: unknown[] = [];
    scene.send({ key: 'a' }, { messageId: 'm-1', headers: { trace: 'abc', n: 7 } });
    start({
      handler: async (event, context) => {
        seen.push(decodeRmqEvent(event));
        return countingHandler(scene)(event, context);
      },
    });
    await settled(1);
    expect(seen[0]).toEqual([
      {
        identifier: `${scene.queue}::${new URL(amqpUrl).pathname.slice(1) || '/'}#0`,
        queue: scene.queue,
        messageId: 'm-1',
        redelivered: false,
        headers: { trace: 'abc', n: '7' },
        body: Buffer.from('{"key":"a"}'),
      },
    ]);
  });
});
