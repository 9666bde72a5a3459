import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { decodeInvocationReport, type InvocationReport } from '../../lib/runner-status/read-invocation-report.js';
import { decodeRunnerStatus, type RunnerStatus } from '../../lib/runner-status/read-runner-status.js';
import { eventually, openScene, type Scene } from '../support/broker/broker.js';
import { countingHandler } from '../support/broker/counting-handler.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';

let scene: Scene;
let statusExchange: string;
let told: RunnerStatus[];
let invocations: InvocationReport[];
let runners: LocalRunner[];

beforeEach(async () => {
  scene = await openScene();
  statusExchange = `status-${scene.queue}`;
  told = [];
  invocations = [];
  runners = [];
});

afterEach(async () => {
  for (const runner of runners) await runner.stop();
  await scene.channel.deleteExchange(statusExchange);
  await scene.close();
});

async function listen(): Promise<void> {
  await scene.channel.assertExchange(statusExchange, 'fanout', { durable: true });
  const { queue } = await scene.channel.assertQueue('', { exclusive: true });
  await scene.channel.bindQueue(queue, statusExchange, '');
  await scene.channel.consume(
    queue,
    (message) => {
      const json = message?.content.toString() ?? '';
      const status = decodeRunnerStatus(json);
      if (status !== undefined) told.push(status);
      const invocation = decodeInvocationReport(json);
      if (invocation !== undefined) invocations.push(invocation);
    },
    { noAck: true },
  );
}

function start(name: string, more: Partial<QueueRunnerOptions<number>> = {}): LocalRunner {
  const runner = startRunner(scene, { connectionName: name, statusExchange, statusEveryMs: 20, ...more });
  runners.push(runner);
  return runner;
}

const toldBy = (name: string, state: RunnerStatus['state']) =>
  eventually(() => told.findLast((status) => status.name === name && status.state === state));

describe('a runner tells how it is doing', () => {
  it('what it did, what it holds, and that it stops', async () => {
    await listen();
    const runner = start('one');
    expect(await toldBy('one', 'subscribed')).toMatchObject({ queue: scene.queue, messages: 0, entries: 0 });
    for (const key of ['a', 'b', 'a']) scene.send({ key });
    scene.send({ key: 'c', then: 'reject' });
    await runner.settled(4);
    const active = await eventually(() => told.find(({ messages }) => messages === 4));
    expect(active).toMatchObject({ state: 'active', rejected: 1, repeated: 0, outgoing: 6, entries: 2, waiting: 0 });
    expect(active.batches).toBe(runner.batches.length);
    expect(active.subscribedAt).toBeGreaterThan(Date.now() - 60_000);
    await runner.stop();
    const stopped = await toldBy('one', 'stopped');
    expect(stopped).toMatchObject({ partition: active.partition, messages: 4 });
    expect(stopped.upMs).toBeGreaterThanOrEqual(active.upMs);
    expect(told.at(-1)).toEqual(stopped);
  });

  it('how large its invocations were, how many failed, and how often it had to connect again', async () => {
    await listen();
    const runner = start('one');
    await toldBy('one', 'subscribed');
    // In this order: the message that fails always has one next to it that does not, or it would be taken for an outage.
    scene.send({ key: 'b', then: 'throw' });
    scene.send({ key: 'a' });
    await runner.settled(2);
    const failing = await eventually(() => told.findLast(({ messages }) => messages === 2));
    const invocations = failing.handlerSeconds.counts.reduce((sum, count) => sum + count, 0);
    expect(failing.batchSizes.counts.reduce((sum, count) => sum + count, 0)).toBe(invocations);
    expect(failing).toMatchObject({ rejected: 1, reconnects: 0 });
    // The one that was accepted, alone or not, did not fail; the other failed more than once.
    expect(failing.failures).toBeGreaterThan(1);
    expect(failing.failures).toBeLessThan(invocations);
    await scene.channel.deleteQueue(scene.queue);
    await runner.logged('session-ended');
    await scene.channel.assertQueue(scene.queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    const again = await eventually(() => told.findLast(({ reconnects }) => reconnects > 0));
    expect(again).toMatchObject({ partition: failing.partition, messages: 2 });
  });

  it('which of two is active, and that the other takes over', async () => {
    await listen();
    const one = start('one');
    await toldBy('one', 'subscribed');
    const two = start('two');
    await toldBy('two', 'subscribed');
    scene.send({ key: 'a' });
    await one.settled(1);
    await toldBy('one', 'active');
    expect(told.findLast(({ name }) => name === 'two')).toMatchObject({ state: 'subscribed', messages: 0 });
    await one.stop();
    scene.send({ key: 'a' });
    await two.settled(1);
    // What came before, while it recovered, had none.
    const after = await eventually(() => told.find(({ name, messages }) => name === 'two' && messages === 1));
    expect(after).toMatchObject({ state: 'active', entries: 1 });
  });

  it('and works on where nobody can be told, and tells again when somebody can', async () => {
    const runner = start('one');
    scene.send({ key: 'a' });
    await runner.settled(1);
    await listen();
    await toldBy('one', 'active');
    await scene.channel.deleteExchange(statusExchange);
    scene.send({ key: 'a' });
    await runner.settled(2);
    told.length = 0;
    await listen();
    expect(await toldBy('one', 'active')).toMatchObject({ messages: 2 });
    expect(runner.log.of('session-ended')).toEqual([]);
  });
});

describe('a runner tells of invocations', () => {
  it('what came, when it was sent, what follows from it, what was refused, and what the handler wrote', async () => {
    await listen();
    const counting = countingHandler(scene);
    const runner = start('one', {
      handler: async (event, context) => {
        process.stderr.write(`asked by ${context.awsRequestId}\n`);
        return counting(event, context);
      },
    });
    scene.send({ key: 'a' }, { messageId: 'one', headers: { timestamp_in_ms: 1_750 } });
    await runner.settled(1);
    scene.send({ key: 'b', then: 'reject' }, { messageId: 'two' });
    await runner.settled(2);
    await eventually(() => invocations[1]);
    const [accepted, rejected] = invocations as [InvocationReport, InvocationReport];
    expect(accepted).toMatchObject({ name: 'one', queue: scene.queue, messages: 1, linesLeftOff: 0 });
    expect(accepted.items).toEqual([{ messageId: 'one', sentAt: 1_750, sent: ['bill-one', 'alert-one'] }]);
    expect(accepted.lines).toEqual([`asked by ${accepted.requestId}`]);
    const { handlerMs, confirmedMs = 0, settledMs = 0 } = accepted;
    expect([handlerMs, confirmedMs, settledMs]).toEqual([handlerMs, confirmedMs, settledMs].sort((a, b) => a - b));
    expect(confirmedMs).toBeGreaterThan(handlerMs);
    expect(rejected.items).toEqual([{ messageId: 'two', sent: [], rejected: 'b is not wanted' }]);
    expect(rejected.requestId).not.toBe(accepted.requestId);
  });

  it('each one that failed, and why, before any other', async () => {
    await listen();
    const runner = start('one');
    scene.send({ key: 'a', then: 'throw' });
    await runner.settled(0);
    const failed = await eventually(() => invocations[0]);
    expect(failed).toMatchObject({ error: 'cannot count a', messages: 1 });
    expect(failed.settledMs).toBeUndefined();
    scene.send({ key: 'b' }, { messageId: 'fine' });
    await eventually(() => invocations.find(({ items }) => items[0]?.messageId === 'fine'));
    expect(invocations.filter(({ error }) => error === 'cannot count a').length).toBeGreaterThan(1);
  });

  it('that send something which cannot be sent', async () => {
    await listen();
    const outgoing = { exchange: '', routingKey: 'q', body: undefined, messageId: 'm', type: 't', mustRoute: false };
    start('one', { handler: async () => ({ batchItemFailures: [], outgoing: [outgoing] }) });
    scene.send({ key: 'a' });
    expect((await eventually(() => invocations[0])).error).toBe('a body must be a JSON value');
  });
});
