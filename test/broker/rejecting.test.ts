import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeRmqEvent } from '../../lib/lambda/event/rmq-records.js';
import type { QueueHandler } from '../../lib/lambda/runtime/handler.js';
import { UnservableError } from '../../lib/rabbitmq/connection/fatal-error.js';
import type { LogCode } from '../../lib/rabbitmq/log.js';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { type RecordingLog, recordingLog } from '../support/broker/recording-log.js';

let scene: Scene;
let log: RecordingLog;
let stop: AbortController;
let running: Promise<void>;
/** Bodies that the handler received and accepted. */
let taken: string[];
let mended: boolean;

beforeEach(async () => {
  scene = await openScene();
  log = recordingLog();
  stop = new AbortController();
  taken = [];
  mended = false;
  await scene.channel.deleteQueue(scene.queue);
});

afterEach(async () => {
  stop.abort();
  await running;
  await scene.close();
});

const THROWS: QueueHandler<unknown> = async (event) => {
  const bodies = decodeRmqEvent(event).map(({ body }) => body.toString());
  if (bodies.includes('bad') && !mended) throw new Error('cannot handle bad');
  taken.push(...bodies);
  return { batchItemFailures: [], outgoing: [] };
};

const REFUSES: QueueHandler<unknown> = async (event) => {
  const records = decodeRmqEvent(event);
  const failed = mended ? [] : records.filter(({ body }) => body.toString() === 'bad');
  taken.push(...records.filter((record) => !failed.includes(record)).map(({ body }) => body.toString()));
  return {
    batchItemFailures: failed.map(({ itemIdentifier }) => ({ itemIdentifier, reason: 'no such product' })),
    outgoing: [],
  };
};

async function start(
  handler: QueueHandler<unknown>,
  args: Record<string, unknown>,
  options: Partial<QueueRunnerOptions<unknown>> = {},
): Promise<void> {
  await scene.channel.assertQueue(scene.queue, { durable: true, arguments: args });
  for (const body of ['good', 'bad', 'good']) {
    scene.channel.sendToQueue(scene.queue, Buffer.from(body), { messageId: `id of ${body}` });
  }
  running = runQueue<unknown>({
    amqpUrl,
    queue: scene.queue,
    connectionName: 'test',
    handler,
    handlerTimeoutMs: 5_000,
    youngQueueMs: 0,
    store: new StagedStore<unknown>(),
    changelog: 'none',
    log,
    signal: stop.signal,
    backoff: { firstMs: 5, maxMs: 50 },
    ...options,
  });
}

const logged = (code: LogCode): Promise<string> => eventually(() => log.of(code)[0]);

/** How many more times the handler has failed at the bad one since. */
async function keepsFailing(): Promise<void> {
  const failures = () => [...log.of('message-fails'), ...log.of('handler-fails')].length;
  const before = failures();
  // Elsewhere poison may fail three times before it is rejected.
  await eventually(() => failures() > before + 6);
}

const QUORUM = { 'x-queue-type': 'quorum' };

describe('on a queue that names no dead-letter exchange', () => {
  it.each([
    ['throws at', THROWS, {}],
    ['throws at, of a quorum queue', THROWS, QUORUM],
    ['refuses', REFUSES, {}],
    ['refuses, of a quorum queue', REFUSES, QUORUM],
  ])('what the handler %s is kept and tried again, in order, until it gets through', async (_, handler, args) => {
    await start(handler, args);
    await logged('no-dead-letter-exchange');
    await keepsFailing();
    expect(taken).not.toContain('bad');
    mended = true;
    await eventually(() => taken.includes('bad') && taken.length >= 3);
  });

  it('what is kept comes again after a stop', async () => {
    await start(REFUSES, {});
    await keepsFailing();
    stop.abort();
    await running;
    const left = await scene.drain(scene.queue);
    expect(left.map(({ content }) => content.toString())).toContain('bad');
  });

  it('is rejected where that may be, and its loss is said with its id', async () => {
    await start(REFUSES, {}, { mayDiscard: true });
    await eventually(() => taken.length === 2);
    expect(await logged('message-discarded')).toContain('id of bad');
    expect(await scene.waiting(scene.queue)).toBe(0);
  });
});

it('on a queue that names a dead-letter exchange it is moved there, and nothing is said of a loss', async () => {
  await start(REFUSES, { 'x-message-ttl': 60_000, 'x-dead-letter-exchange': scene.deadLetters });
  const dead = await eventually(async () => {
    const [first] = await scene.drain(scene.deadLetters);
    return first;
  });
  expect(dead.content.toString()).toBe('bad');
  expect([...log.of('no-dead-letter-exchange'), ...log.of('message-discarded')]).toEqual([]);
});

it('a stream is refused by name: nothing of it is taken', async () => {
  const stream = { 'x-queue-type': 'stream', 'x-max-length-bytes': 1_000_000 };
  await expect(start(THROWS, stream).then(() => running)).rejects.toThrow(UnservableError);
  await expect(running).rejects.toThrow(`${scene.queue} is a stream`);
  running = Promise.resolve();
  expect(taken).toEqual([]);
});
