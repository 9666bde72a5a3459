import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeRmqEvent } from '../../lib/lambda/event/rmq-records.js';
import type { QueueHandler } from '../../lib/lambda/runtime/handler.js';
import type { BatchReport } from '../../lib/rabbitmq/observing/batch-report.js';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { countingHandler } from '../support/broker/counting-handler.js';
import { type RecordingLog, recordingLog } from '../support/broker/recording-log.js';

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

function start(options: Partial<QueueRunnerOptions<number>> = {}): void {
  running = runQueue<number>({
    amqpUrl,
    queue: scene.queue,
    connectionName: 'test',
    handler: countingHandler(scene),
    handlerTimeoutMs: 5_000,
    youngQueueMs: 0,
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
  await eventually(() => batches.reduce((sum, report) => sum + report.messages, 0) >= messages);
}

/** Waits until the handler has been found to be down for several more attempts. */
async function outageLasts(attempts: number): Promise<void> {
  const outages = () => log.of('handler-fails').length;
  const before = outages();
  await eventually(() => outages() >= before + attempts);
}

/** Far beyond a test's own time limit: nothing rejected before it is rejected because of it. */
const NO_OUTAGE_ENDS_MS = 3_600_000;

async function billedCounts(): Promise<number[]> {
  const bills = await scene.drain(scene.bills);
  return bills.map(({ content }) => (JSON.parse(content.toString()) as { count: number }).count);
}

describe('a runner', () => {
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

  it('retries what fails without a reason while others succeed, then rejects it', async () => {
    for (const then of [undefined, 'retry', undefined]) scene.send({ key: 'a', ...(then && { then }) });
    start();
    await settled(3);
    expect(await billedCounts()).toEqual([1, 2]);
    expect(batches.flatMap(({ rejected }) => rejected.map(({ reason }) => reason))).toEqual([
      'failed without a reason, every time',
    ]);
    expect(log.of('message-fails')).toHaveLength(2);
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
    await eventually(() => log.of('publish-stuck').find((details) => details.includes('"failure":"returned"')));
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
    await eventually(() => log.of('publish-stuck').find((details) => details.includes('"failure":"nacked"')));
    expect(batches).toEqual([]);
    await scene.channel.purgeQueue(scene.bills);
    await settled(1);
    expect(await billedCounts()).toEqual([1]);
  });

  it('rejects a message whose outgoing goes to a missing exchange, and keeps its channel', async () => {
    const handler = countingHandler({ bills: scene.bills, alerts: 'no-such-exchange' });
    scene.send({ key: 'a' });
    start({ handler, outageMs: 300 });
    await settled(1);
    expect(batches[0]?.rejected[0]?.reason).toBe('there is no exchange no-such-exchange');
    expect(await billedCounts()).toEqual([]);
    expect(log.of('session-ended')).toEqual([]);
  });

  it.each([
    ['before it was ever used', 0],
    ['while it was in use', 1],
  ])('declares an exchange of its own topology again that vanished %s, and blames no handler', async (_, used) => {
    let subscriptions = 0;
    start({
      topology: scene.topology,
      onStep: (step) => {
        if (step === 'subscribed') subscriptions++;
      },
    });
    await eventually(() => subscriptions > 0);
    for (let index = 0; index < used; index++) scene.send({ key: 'a' });
    await settled(used);
    await scene.channel.deleteExchange(scene.alerts);
    scene.send({ key: 'a' });
    await settled(used + 1);
    await scene.channel.checkExchange(scene.alerts);
    expect(store.get('a')).toBe(used + 1);
    expect(batches.flatMap(({ rejected }) => rejected)).toEqual([]);
  });

  it('declines no message for an outage: all wait, in order, and go on when it is over', async () => {
    let out = true;
    const handler: QueueHandler<number> = async (event, context) => {
      if (out) throw new Error('no database');
      return countingHandler(scene)(event, context);
    };
    for (let index = 0; index < 40; index++) scene.send({ key: 'a' }, { messageId: `m-${index}` });
    start({ handler });
    await outageLasts(20);
    out = false;
    await settled(40);
    out = true;
    for (let index = 40; index < 80; index++) scene.send({ key: 'a' }, { messageId: `m-${index}` });
    await outageLasts(20);
    out = false;
    await settled(80);
    const bills = await scene.drain(scene.bills);
    expect(bills.map(({ properties }) => properties.messageId)).toEqual(
      Array.from({ length: 80 }, (_, index) => `bill-m-${index}`),
    );
    expect(await scene.waiting(scene.deadLetters)).toBe(0);
  });

  it('rejects what still fails when an outage has lasted too long', async () => {
    for (let index = 0; index < 3; index++) scene.send({ key: 'a', then: 'throw' });
    start({ outageMs: 500 });
    const startedAt = performance.now();
    await settled(3);
    expect(performance.now() - startedAt).toBeGreaterThan(500);
    expect(batches.flatMap(({ rejected }) => rejected)).toHaveLength(3);
  });

  it.each([
    ['first', ['throw', '', '', '']],
    ['in the middle', ['', '', 'throw', '', '']],
    ['last', ['', '', '', 'throw']],
    ['three in a row, first', ['throw', 'throw', 'throw', '', '']],
    ['every other one', ['throw', '', 'throw', '', 'throw', '']],
    ['ten in a row, first', [...Array(10).fill('throw'), '', '']],
    ['one that hangs, first', ['hang', '', '']],
    ['one that hangs, in the middle', ['', 'hang', '']],
  ])(
    'rejects poison without waiting for an outage to end, %s among good ones, and takes none of them with it',
    async (_, queue) => {
      for (const [index, then] of queue.entries()) {
        scene.send({ key: 'a', ...(then && { then }) }, { messageId: `${index} ${then}` });
      }
      start({ outageMs: NO_OUTAGE_ENDS_MS, handlerTimeoutMs: 300, changelog: {} });
      await settled(queue.length);
      const good = queue.filter((then) => then === '').length;
      expect(await billedCounts()).toEqual(Array.from({ length: good }, (_, index) => index + 1));
      const rejected = batches.flatMap((batch) => batch.rejected.map(({ messageId }) => messageId));
      expect(rejected).toEqual(queue.flatMap((then, index) => (then === '' ? [] : `${index} ${then}`)));
    },
  );

  it('rejects poison that stands first without a changelog, too', async () => {
    for (let index = 0; index < 10; index++) scene.send({ key: 'a', then: 'throw' });
    for (let index = 0; index < 3; index++) scene.send({ key: 'a' });
    start({ outageMs: NO_OUTAGE_ENDS_MS });
    await settled(13);
    expect(await billedCounts()).toEqual([1, 2, 3]);
  });

  it.each([
    ['beside others', 3],
    ['alone', 0],
  ])('asks the handler four times at most about a message that hangs %s', async (_, others) => {
    let asked = 0;
    const counting = countingHandler(scene);
    const handler: QueueHandler<number> = (event, context) => {
      if (decodeRmqEvent(event).some(({ body }) => body.includes('hang'))) asked++;
      return counting(event, context);
    };
    start({ handler, handlerTimeoutMs: 300, changelog: {}, outageMs: NO_OUTAGE_ENDS_MS });
    scene.send({ key: 'warm up' });
    await settled(1);
    scene.send({ key: 'a', then: 'hang' });
    for (let index = 0; index < others; index++) scene.send({ key: 'a' });
    if (others === 0) {
      await outageLasts(1);
      scene.send({ key: 'a' });
    }
    await settled(2 + Math.max(others, 1));
    expect(batches.flatMap(({ rejected }) => rejected)).toHaveLength(1);
    expect(asked).toBeLessThanOrEqual(4);
  });

  it('gives the handler a payload of at most 6 MB, as Lambda does', async () => {
    const counting = countingHandler(scene);
    const sizes: number[] = [];
    const handler: QueueHandler<number> = async (event, context) => {
      sizes.push(JSON.stringify(event).length);
      // While the first is at work, all others arrive.
      await eventually(async () => (await scene.waiting(scene.queue)) === 0);
      return counting(event, context);
    };
    scene.send({ key: 'small' });
    for (let index = 0; index < 5; index++) scene.send({ key: 'large', ballast: 'x'.repeat(1_900_000) });
    start({ handler, changelog: {} });
    await settled(6);
    expect(sizes.every((bytes) => bytes <= 6 * 1024 * 1024)).toBe(true);
    expect(sizes.some((bytes) => bytes >= 5_000_000)).toBe(true);
  });

  it('takes a message that fails alone for an outage, until another one shows that it is poison', async () => {
    start({ outageMs: NO_OUTAGE_ENDS_MS });
    scene.send({ key: 'warm up' });
    await settled(1);
    scene.send({ key: 'a', then: 'throw' });
    await outageLasts(5);
    expect(batches.flatMap(({ rejected }) => rejected)).toEqual([]);
    scene.send({ key: 'a' });
    await settled(3);
    expect(batches.flatMap(({ rejected }) => rejected)).toHaveLength(1);
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
    expect(seen[0]).toMatchObject([
      {
        itemIdentifier: `${scene.queue}::${new URL(amqpUrl).pathname.slice(1) || '/'}#0`,
        queue: scene.queue,
        virtualHost: new URL(amqpUrl).pathname.slice(1) || '/',
        messageId: 'm-1',
        redelivered: false,
        headers: { trace: 'abc', n: 7 },
        json: { key: 'a' },
      },
    ]);
  });
});
