import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileFilterPatterns } from '../../lib/lambda/event/filter-patterns.js';
import { decodeRmqEvent } from '../../lib/lambda/event/rmq-records.js';
import type { QueueHandler } from '../../lib/lambda/runtime/handler.js';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { eventually, openScene, type Scene } from '../support/broker/broker.js';
import { countingHandler } from '../support/broker/counting-handler.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';

/** Longer than any test runs: something else must end a wait of this length. */
const ENDLESS_MS = 3_600_000;

let scene: Scene;
let runner: LocalRunner | undefined;
let invocations: string[][];

beforeEach(async () => {
  scene = await openScene();
  runner = undefined;
  invocations = [];
});

afterEach(async () => {
  await runner?.stop();
  await scene.close();
});

/** A runner whose invocations are kept as the keys of their messages. */
function start(options: Partial<QueueRunnerOptions<number>> = {}): LocalRunner {
  const counting = countingHandler(scene);
  const handler: QueueHandler<number> = async (event, context) => {
    invocations.push(decodeRmqEvent(event).map(({ body }) => (JSON.parse(body.toString()) as { key: string }).key));
    return counting(event, context);
  };
  runner = startRunner(scene, { handler, changelog: 'none', ...options });
  return runner;
}

/** Resolves when all that was sent has been delivered. */
async function delivered(): Promise<void> {
  await eventually(async () => (await scene.waiting(scene.queue)) === 0);
}

function proven(): Partial<QueueRunnerOptions<number>> {
  // A runner without a changelog prefetches nothing before its first batch.
  return { changelog: {} };
}

describe('a batching window', () => {
  it('lets a batch wait until it is full', async () => {
    scene.send({ key: 'a' });
    const running = start({ ...proven(), batchSize: 3, batchingWindowMs: ENDLESS_MS });
    await delivered();
    scene.send({ key: 'b' });
    await delivered();
    expect(invocations).toEqual([]);
    scene.send({ key: 'c' });
    scene.send({ key: 'd' });
    await running.settled(3);
    expect(invocations).toEqual([['a', 'b', 'c']]);
  });

  it('ends', async () => {
    for (const key of ['a', 'b']) scene.send({ key });
    const running = start({ ...proven(), batchSize: 100, batchingWindowMs: 200 });
    await running.settled(2);
    expect(invocations.flat()).toEqual(['a', 'b']);
  });

  it('is over when no more can come: the prefetch is used up', async () => {
    for (const key of ['a', 'b', 'c', 'd']) scene.send({ key });
    const running = start({ ...proven(), batchSize: 100, prefetch: 2, batchingWindowMs: ENDLESS_MS });
    await running.settled(4);
    expect(invocations).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('is over when the payload is full', async () => {
    for (const key of ['a', 'b']) scene.send({ key, ballast: 'x'.repeat(2_500_000) });
    const running = start({ ...proven(), batchingWindowMs: ENDLESS_MS });
    await running.settled(1);
    expect(invocations).toEqual([['a']]);
  });

  it('gives way to a stop; what waited goes back', async () => {
    scene.send({ key: 'a' });
    const running = start({ ...proven(), batchingWindowMs: ENDLESS_MS });
    await delivered();
    await running.stop();
    await eventually(async () => (await scene.waiting(scene.queue)) === 1);
    expect(invocations).toEqual([]);
  });
});

describe('a payload', () => {
  it('that no invocation can hold is dead-lettered, loudly; its neighbours are handled', async () => {
    scene.send({ key: 'a' });
    scene.send({ key: 'huge', ballast: 'x'.repeat(4_800_000) });
    scene.send({ key: 'b' });
    const running = start(proven());
    await running.settled(3);
    expect(invocations.flat()).toEqual(['a', 'b']);
    await eventually(async () => (await scene.waiting(scene.deadLetters)) === 1);
    expect(running.log.of('unfit-rejected')).toHaveLength(1);
  });
});

describe('a filter', () => {
  const filter = compileFilterPatterns([{ data: { key: [{ 'anything-but': 'unwanted' }] } }]);

  it('removes what it does not match, tells how many, and leaves the order of the others', async () => {
    const removed: number[] = [];
    for (const key of ['unwanted', 'a', 'unwanted', 'b', 'unwanted']) scene.send({ key });
    const running = start({ filter, onFiltered: (messages) => removed.push(messages) });
    await running.settled(2);
    expect(invocations.flat()).toEqual(['a', 'b']);
    await eventually(() => removed.reduce((sum, messages) => sum + messages, 0) === 3);
    await running.stop();
    expect(await scene.waiting(scene.queue)).toBe(0);
    expect(await scene.waiting(scene.deadLetters)).toBe(0);
  });

  it('makes room in a batch: what it removes does not count', async () => {
    for (const key of ['a', 'unwanted', 'unwanted', 'b', 'c']) scene.send({ key });
    const running = start({ ...proven(), filter, batchSize: 3, batchingWindowMs: ENDLESS_MS });
    await running.settled(3);
    expect(invocations).toEqual([['a', 'b', 'c']]);
  });
});

describe('retry as on AWS', () => {
  /** Fails until it is told to work. */
  function failingUntil(works: () => boolean): QueueHandler<number> {
    const counting = countingHandler(scene);
    return async (event, context) => {
      invocations.push(decodeRmqEvent(event).map(({ body }) => (JSON.parse(body.toString()) as { key: string }).key));
      if (!works()) throw 'not an Error';
      return counting(event, context);
    };
  }

  it('is the whole batch again, in order, for as long as it fails; nothing is rejected or overtakes it', async () => {
    for (const key of ['a', 'b', 'c']) scene.send({ key });
    let works = false;
    const running = start({
      ...proven(),
      handler: failingUntil(() => works),
      retry: 'aws',
      batchSize: 2,
      batchingWindowMs: ENDLESS_MS,
      prefetch: 2,
      outageMs: 1,
      poisonAttempts: 1,
    });
    await eventually(() => invocations.length >= 8);
    expect(invocations.every((keys) => keys.join() === 'a,b')).toBe(true);
    works = true;
    scene.send({ key: 'd' });
    await running.settled(4);
    expect(invocations.at(-1)).toEqual(['c', 'd']);
    expect(await scene.waiting(scene.deadLetters)).toBe(0);
  });

  it('ends for a message that expires, counted from its arrival; the others are tried again', async () => {
    const channel = await scene.newChannel();
    const send = (key: string, options: { expiration?: string }): void => {
      channel.sendToQueue(scene.queue, Buffer.from(JSON.stringify({ key })), { persistent: true, ...options });
    };
    send('short', { expiration: '1000' });
    send('long', { expiration: `${ENDLESS_MS}` });
    send('endless', {});
    let works = false;
    const running = start({
      ...proven(),
      handler: failingUntil(() => works),
      retry: 'aws',
      batchSize: 3,
      batchingWindowMs: ENDLESS_MS,
      prefetch: 3,
    });
    await eventually(async () => (await scene.waiting(scene.deadLetters)) === 1);
    expect(invocations[0]).toEqual(['short', 'long', 'endless']);
    works = true;
    await running.settled(3);
    expect(invocations.at(-1)).toEqual(['long', 'endless']);
    const reasons = running.batches.flatMap(({ rejected }) => rejected.map(({ reason }) => reason));
    expect(reasons).toEqual([expect.stringMatching(/^expired after 1000 ms: its batch failed \d+ times$/)]);
  });

  it('takes whatever is returned for success, and says so where failures were reported', async () => {
    const returned: unknown[] = [
      { batchItemFailures: [{ itemIdentifier: 'x' }, { itemIdentifier: 'x' }] },
      'nonsense',
      [1],
      7,
    ];
    const handler = (async () => returned.shift()) as unknown as QueueHandler<number>;
    for (let index = 0; index < 4; index++) scene.send({ key: `${index}` });
    const running = start({ handler, retry: 'aws', batchSize: 1 });
    await running.settled(4);
    expect(running.batches.flatMap(({ rejected }) => rejected)).toEqual([]);
    expect(running.log.of('failures-ignored')).toHaveLength(1);
  });
});

describe.each(['bounded', 'aws'] as const)('batches whose changelog records would be too large, %s', (retry) => {
  it('are decided in parts, and those after them are cut before they are decided', async () => {
    const count = 60;
    const handler: QueueHandler<number> = async (event) => {
      const records = decodeRmqEvent(event);
      invocations.push(records.map(({ messageId = '' }) => messageId));
      const sent = { exchange: '', routingKey: scene.bills, type: 'copy', mustRoute: true };
      return {
        batchItemFailures: [],
        outgoing: records.map(({ body, messageId = '' }) => ({ ...sent, body: JSON.parse(`${body}`), messageId })),
      };
    };
    const text = 'x'.repeat(100_000);
    for (let index = 0; index < count; index++) scene.send({ text }, { messageId: `${index}` });
    const running = start({ ...proven(), handler, retry, batchSize: count, prefetch: count, batchingWindowMs: 500 });
    await running.settled(count);
    expect(invocations[0]?.length, 'the first batch is too large').toBeGreaterThan(10);
    const asked = invocations.flat();
    expect(new Set(asked).size).toBe(count);
    // If it were halved again and again, each message of a batch would be tried about three times or more.
    const again = asked.length - count - (invocations[0]?.length ?? 0);
    expect(again, 'messages that were asked about again, but for the first batch').toBeLessThan(count / 4);
    const copies = await scene.drain(scene.bills);
    expect(copies.map(({ properties }) => properties.messageId)).toEqual(
      Array.from({ length: count }, (_, index) => `${index}`),
    );
  });
});
