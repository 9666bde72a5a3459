import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsumeMessage, GetMessage, Options } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReplayFile } from '../../infra/recordings/read-recording.js';
import { type Replayed, replay } from '../../infra/recordings/replay.js';
import type { AnyHandler } from '../../lib/lambda/runtime/call-handler.js';
import { newFunctionIdentity } from '../../lib/lambda/runtime/function-identity.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { publishRecorded } from '../../lib/rabbitmq/recording/publish-recording.js';
import { readLatest } from '../../lib/rabbitmq/recording/read-latest.js';
import { NotRecordedError, record } from '../../lib/rabbitmq/recording/record.js';
import type { RecordingLine } from '../../lib/recording/recording-line.js';
import { encodeRequest, REQUESTS_EXCHANGE, requestsKey } from '../../lib/recording/request.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { countingHandler } from '../support/broker/counting-handler.js';
import { startRunner } from '../support/broker/local-runner.js';
import { recordingLog } from '../support/broker/recording-log.js';

let scene: Scene;
let connection: Connection;
let folder: string;

beforeEach(async () => {
  scene = await openScene();
  connection = await openConnection({ amqpUrl, connectionName: 'recorder', log: recordingLog() });
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
});

afterEach(async () => {
  await connection.close();
  await scene.close();
  rmSync(folder, { recursive: true });
});

/** Records until it is told to end, then returns the file. */
function recording() {
  const lines: RecordingLine[] = [];
  const texts: string[] = [];
  const stop = new AbortController();
  const ended = record(connection, {
    queue: scene.queue,
    signal: stop.signal,
    onLine: (text, line) => {
      lines.push(line);
      texts.push(text);
    },
  });
  ended.catch(() => undefined);
  return {
    lines,
    ended,
    messages: () => lines.flatMap((line) => (line.kind === 'invocation' ? line.messages : [])),
    end: async () => {
      stop.abort();
      await ended;
      const file = join(folder, 'recording.jsonl');
      writeFileSync(file, texts.map((text) => `${text}\n`).join(''));
      return file;
    },
  };
}

/** A request to record has arrived when the next message is recorded. */
async function recordsAlready(send: () => void, { lines }: ReturnType<typeof recording>): Promise<void> {
  await eventually(() => {
    send();
    return lines.some(({ kind }) => kind === 'invocation');
  });
}

async function replayed(file: string, handler: unknown): Promise<Replayed[]> {
  const identity = newFunctionIdentity({ functionName: 'counting' });
  const options = { identity, timeoutMs: 5_000, signal: new AbortController().signal };
  const results: Replayed[] = [];
  for await (const one of replay(await openReplayFile(file), { handler: handler as AnyHandler, ...options })) {
    results.push(one);
  }
  return results;
}

async function* each<Item>(items: readonly Item[]): AsyncIterable<Item> {
  yield* items;
}

const contentOf = ({ content, properties }: GetMessage) => ({ content: content.toString('base64'), properties });

describe('a recording', () => {
  it('of 10,000 messages replays with the same answers, and is put on a queue as it was, bytes and properties', async () => {
    const MESSAGES = 10_000;
    const runner = startRunner(scene, { recordable: true });
    const { channel } = scene;
    for (const key of ['a', 'b']) scene.send({ key });
    await runner.settled(2);
    const recorded = recording();
    await recordsAlready(() => scene.send({ key: 'before' }), recorded);

    const control = `control-${scene.queue}`;
    const copies = `copies-${scene.queue}`;
    for (const queue of [control, copies]) await channel.assertQueue(queue, { durable: true });
    await channel.assertExchange(`both-${scene.queue}`, 'fanout');
    for (const queue of [control, scene.queue]) await channel.bindQueue(queue, `both-${scene.queue}`, '');
    for (let n = 0; n < MESSAGES; n++) {
      const body = { key: `k${n % 100}`, ...(n % 97 === 0 && { then: 'reject' }), text: 'ä'.repeat(n % 50) };
      channel.publish(`both-${scene.queue}`, `r${n % 3}`, Buffer.from(JSON.stringify(body)), propertiesOf(n));
    }
    const own = () => recorded.messages().filter(({ exchange }) => exchange !== '');
    await eventually(() => own().length === MESSAGES);
    const file = await recorded.end();

    const results = await replayed(file, countingHandler(scene));
    expect(results.reduce((sum, { messages }) => sum + messages, 0)).toBe(recorded.messages().length);
    expect(results.filter(({ same }) => !same)).toEqual([]);
    const refused = results.reduce((sum, { answer }) => sum + (answer?.batchItemFailures.length ?? 0), 0);
    expect(refused).toBe(Math.ceil(MESSAGES / 97));

    expect(await publishRecorded(connection, copies, each(own()))).toBe(MESSAGES);
    const [expected, got] = [await scene.drain(control), await scene.drain(copies)];
    expect(got.map(contentOf)).toEqual(expected.map(contentOf));
    await runner.stop();
    for (const queue of [control, copies]) await channel.deleteQueue(queue);
    await channel.deleteExchange(`both-${scene.queue}`);
  });

  it('begins with the memory that the function has, and tells where a function answers otherwise today', async () => {
    const runner = startRunner(scene, { recordable: true });
    for (let n = 0; n < 3; n++) scene.send({ key: 'a' });
    await runner.settled(3);
    const recorded = recording();
    await recordsAlready(() => scene.send({ key: 'a' }), recorded);
    const file = await recorded.end();
    const [begin, memory, first] = recorded.lines;
    expect(begin).toMatchObject({ kind: 'begin', queue: scene.queue, partialFailures: true });
    const entries = memory?.kind === 'memory' ? memory.entries : [];
    expect(entries).toEqual([['a', expect.any(Number)]]);
    const before = Number(entries[0]?.[1]);
    expect(before).toBeGreaterThanOrEqual(3);
    expect(first).toMatchObject({ answer: { outgoing: [{ body: { key: 'a', count: before + 1 } }, {}] } });
    expect((await replayed(file, countingHandler(scene))).every(({ same }) => same)).toBe(true);
    const today = await replayed(file, async () => ({ outgoing: [] }));
    expect(today[0]).toMatchObject({ same: false, answer: { outgoing: [] } });
    const broken = await replayed(file, async () => {
      throw new Error('no database');
    });
    expect(broken[0]).toMatchObject({ same: false, error: 'no database' });
    await runner.stop();
  });

  it('takes nothing from anyone, and ends with whoever asked for it', async () => {
    const runner = startRunner(scene, { recordable: true });
    scene.send({ key: 'a' });
    await runner.settled(1);
    const recorded = recording();
    await recordsAlready(() => scene.send({ key: 'a' }), recorded);
    await connection.close();
    await expect(recorded.ended).rejects.toThrow();
    const before = runner.batches.length;
    scene.send({ key: 'b' });
    await eventually(() => runner.batches.length > before);
    expect(runner.store.get('b')).toBe(1);
    expect(runner.log.of('session-ended')).toEqual([]);
    await runner.stop();
    connection = await openConnection({ amqpUrl, connectionName: 'recorder', log: recordingLog() });
  });

  it('of a queue that nobody serves is refused', async () => {
    await expect(recording().ended).rejects.toThrow(NotRecordedError);
  });

  it('goes on over a restart of the function, with its memory of then', async () => {
    const first = startRunner(scene, { recordable: true });
    scene.send({ key: 'a' });
    await first.settled(1);
    const recorded = recording();
    await recordsAlready(() => scene.send({ key: 'a' }), recorded);
    await first.stop();
    const second = startRunner(scene, { recordable: true });
    await eventually(() => {
      scene.send({ key: 'a' });
      return recorded.lines.filter(({ kind }) => kind === 'begin').length === 2;
    });
    const file = await recorded.end();
    expect((await replayed(file, countingHandler(scene))).every(({ same }) => same)).toBe(true);
    await second.stop();
  });
});

describe('what is over already', () => {
  async function latest(requestId?: string) {
    const texts: string[] = [];
    const lines: RecordingLine[] = [];
    const isThere = await readLatest(connection, {
      queue: scene.queue,
      ...(requestId !== undefined && { requestId }),
      onLine: (text, line) => {
        texts.push(`${text}\n`);
        lines.push(line);
      },
    });
    const file = join(folder, `latest-${texts.length}.jsonl`);
    writeFileSync(file, texts.join(''));
    return { isThere, file, invocations: lines.filter((line) => line.kind === 'invocation') };
  }

  it('is told to whoever asks afterwards, what failed, too, each with the memory that it began with', async () => {
    const counting = countingHandler(scene);
    const ids: string[] = [];
    let isDown = true;
    const handler: typeof counting = async (event, context) => {
      ids.push(context.awsRequestId);
      if (ids.length === 3 && isDown) {
        isDown = false;
        throw new Error('no database');
      }
      return counting(event, context);
    };
    const runner = startRunner(scene, { recordable: true, batchSize: 1, handler, backoff: { firstMs: 1, maxMs: 2 } });
    for (let n = 0; n < 4; n++) scene.send({ key: 'a' });
    await runner.settled(4);

    const all = await latest();
    expect(all.invocations.map(({ answer, error }) => error ?? answer?.outgoing[0])).toEqual([
      expect.objectContaining({ body: { key: 'a', count: 1 } }),
      expect.objectContaining({ body: { key: 'a', count: 2 } }),
      'no database',
      expect.objectContaining({ body: { key: 'a', count: 3 } }),
      expect.objectContaining({ body: { key: 'a', count: 4 } }),
    ]);
    const today = await replayed(all.file, countingHandler(scene));
    expect(today.map(({ same }) => same)).toEqual([true, true, false, true, true]);

    // A request within the same second is refused, and repeated.
    const again = await latest(ids[2]);
    expect(again.invocations).toMatchObject([{ error: 'no database', messages: [{}] }]);
    const [mended] = await replayed(again.file, countingHandler(scene));
    expect(mended).toMatchObject({ same: false, answer: { outgoing: [{ body: { key: 'a', count: 3 } }, {}] } });
    await runner.stop();
  });

  it('is nothing where nothing has happened, and not told where nobody may be recorded', async () => {
    await expect(latest()).rejects.toThrow(NotRecordedError);
    const runner = startRunner(scene, { recordable: true });
    const { isThere } = await eventually(() => latest().catch(() => undefined));
    expect(isThere).toBe(false);
    await runner.stop();
  });
});

it('a file that is not a recording is refused, with the line that is wrong', async () => {
  const file = join(folder, 'broken.jsonl');
  const begin = {
    kind: 'begin',
    v: 1,
    name: 'n',
    queue: 'q',
    vhost: '/',
    eventSourceArn: 'a',
    at: '',
    partialFailures: true,
  };
  const refusal = async (...lines: unknown[]) => {
    writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return replayed(file, async () => undefined).catch(({ message }: Error) => message.replace(file, 'FILE'));
  };
  expect(await refusal('')).toBe('FILE is empty');
  expect(await refusal(begin, 'nonsense')).toBe('FILE, line 2: it is not JSON');
  expect(await refusal({ kind: 'end', begun: true })).toBe(
    'FILE is not a recording: its first line must be of kind "begin"',
  );
  expect(await refusal(begin, { kind: 'invocation', at: '', messages: [] })).toMatch(/^FILE, line 2: messages: /);
  expect(await refusal({ eventSource: 'aws:rmq' })).toMatch(/^FILE is not an aws:rmq event: /);
  expect(readFileSync(file, 'utf8')).toBe('{"eventSource":"aws:rmq"}');
});

it('a runner that does not allow it is not recorded', async () => {
  const runner = startRunner(scene);
  await expect(recording().ended).rejects.toThrow(NotRecordedError);
  await runner.stop();
});

it('four may record at a time, others are told so, and an answer goes to nobody who did not ask on a queue of his own', async () => {
  const runner = startRunner(scene, { recordable: true });
  const first = recording();
  await recordsAlready(() => scene.send({ key: 'a' }), first);
  await first.end();
  const asking = await connection.model.createChannel();
  await asking.assertQueue('victim', { durable: true });
  await asking.bindQueue('victim', REQUESTS_EXCHANGE, 'victim');
  const begun: string[] = [];
  const refused = new Set<string>();
  const ask = (replyTo: string, wish: 'record' | 'end'): void => {
    asking.publish(REQUESTS_EXCHANGE, requestsKey(scene.queue), Buffer.from(encodeRequest({ replyTo, wish })));
  };
  const names: string[] = [];
  for (let n = 0; n < 10; n++) {
    const { queue } = await asking.assertQueue('', { exclusive: true });
    names.push(queue);
    const hear = (message: ConsumeMessage | null): void => {
      const { kind } = JSON.parse(message?.content.toString() ?? '{}');
      if (kind === 'begin') begun.push(queue);
      if (kind === 'refused') refused.add(queue);
    };
    await asking.bindQueue(queue, REQUESTS_EXCHANGE, queue);
    await asking.consume(queue, hear, { noAck: true });
    ask(queue, 'record');
    ask('victim', n % 2 === 0 ? 'record' : 'end');
  }
  await eventually(() => {
    scene.send({ key: 'a' });
    return begun.length === 4;
  });
  expect(new Set(begun).size).toBe(4);
  await eventually(() => refused.size === 6);
  await expect(recording().ended).rejects.toThrow(`${scene.queue} is not recorded: 4 recordings are already under way`);
  // A recording that ends makes room: a request that was refused before was not kept for later.
  ask(begun[0] ?? '', 'end');
  const late = names.find((name) => !begun.includes(name)) ?? '';
  ask(late, 'record');
  await eventually(() => {
    scene.send({ key: 'a' });
    return begun.includes(late);
  });
  expect(begun).toHaveLength(5);
  expect((await asking.checkQueue('victim')).messageCount).toBe(0);
  await asking.deleteQueue('victim');
  await asking.close();
  await runner.stop();
});

it('a line of a recording that has no end is named, and is not read to it', async () => {
  const file = join(folder, 'endless.jsonl');
  writeFileSync(file, '{"kind":');
  for (let megabytes = 0; megabytes < 40; megabytes++) appendFileSync(file, Buffer.alloc(1024 * 1024, ' '));
  const reading = replayed(file, async () => undefined);
  await expect(reading).rejects.toThrow(`${file}, line 1: it has more than 32 MB: not a line of a recording`);
});

/** As varied as AMQP has them. */
function propertiesOf(n: number): Options.Publish {
  return {
    ...(n % 2 === 0 && { persistent: true }),
    ...(n % 3 === 0 && { messageId: `m-${n}`, type: 'Überraschung', appId: 'test' }),
    ...(n % 4 === 0 && { timestamp: 1_800_000_000 + n, priority: n % 10, correlationId: 'c', replyTo: 'r' }),
    ...(n % 5 === 0 && { contentType: 'application/json', contentEncoding: 'identity', expiration: '600000' }),
    headers:
      n % 6 === 0
        ? {
            text: 'ä',
            number: n,
            big: 2 ** 40,
            half: 0.5,
            yes: true,
            list: [1, 'x'],
            deep: { a: { b: n } },
            bytes: Buffer.from([0, 255]),
          }
        : {},
  };
}
