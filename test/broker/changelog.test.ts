import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { removeLetters } from '../../lib/rabbitmq/dead-letters/remove-letters.js';
import type { QueueRunnerOptions } from '../../lib/rabbitmq/runner/options.js';
import { amqpUrl, openScene, type Scene } from '../support/broker/broker.js';
import { changelogEntries } from '../support/broker/changelog-entries.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';
import { recordingLog } from '../support/broker/recording-log.js';

let scene: Scene;
let running: LocalRunner[];

beforeEach(async () => {
  scene = await openScene();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((runner) => runner.stop()));
  await scene.close();
});

function start(options: Partial<QueueRunnerOptions<number>> = {}): LocalRunner {
  const runner = startRunner(scene, options);
  running.push(runner);
  return runner;
}

async function billIds(): Promise<string[]> {
  return (await scene.drain(scene.bills)).map(({ properties }) => String(properties.messageId));
}

/** The records of the changelog so far, as JSON. */
async function records(): Promise<Record<string, unknown>[]> {
  return (await changelogEntries(scene)).map(({ content }) => {
    // The bodies that a batch sends follow its line.
    const [line = '', ...bodies] = content.toString().split('\n');
    const record = JSON.parse(line) as Record<string, unknown>;
    bodiesOf.set(record, bodies);
    return record;
  });
}

const bodiesOf = new WeakMap<object, string[]>();

async function append(record: unknown, type?: string): Promise<void> {
  const content = typeof record === 'string' ? record : JSON.stringify(record);
  const options = { persistent: true, ...(type !== undefined && { type }) };
  scene.channel.sendToQueue(`${scene.queue}.changelog`, Buffer.from(content), options);
  await scene.channel.checkQueue(`${scene.queue}.changelog`);
}

/** As it would be if the process had been killed before the confirms. */
async function lastBatch(changed: Record<string, unknown> = {}): Promise<string> {
  const batch = (await records()).findLast(({ kind }) => kind === 'batch') ?? {};
  return [JSON.stringify({ ...batch, ...changed }), ...(bodiesOf.get(batch) ?? [])].join('\n');
}

describe('a changelog', () => {
  it('gives the next process the state, and what was handled before is not decided again', async () => {
    const inbox = await scene.alertInbox();
    const first = start();
    for (const id of ['m-1', 'm-2']) scene.send({ key: 'a' }, { messageId: id });
    await first.settled(2);
    await first.stop();
    const second = start();
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    scene.send({ key: 'a' }, { messageId: 'm-3' });
    await second.settled(2);
    expect(second.store.get('a')).toBe(3);
    expect(second.batches.reduce((sum, { repeated }) => sum + repeated, 0)).toBe(1);
    // A clean stop marks sent messages as confirmed: nothing is sent twice.
    expect(await billIds()).toEqual(['bill-m-1', 'bill-m-2', 'bill-m-3']);
    expect((await scene.drain(inbox)).map(({ properties }) => properties.messageId)).toEqual([
      'alert-m-1',
      'alert-m-2',
      'alert-m-3',
    ]);
  });

  it('counts an event again that comes again, where it remembers none: the hazard of a window of none', async () => {
    const first = start({ changelog: { handledWindow: 0 } });
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await first.settled(1);
    await first.stop();
    const second = start({ changelog: { handledWindow: 0 } });
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await second.settled(1);
    expect(second.store.get('a')).toBe(2);
  });

  it('is marked when nothing comes for a moment, and not while there is work', async () => {
    const runner = start({ batchSize: 1 });
    for (let index = 0; index < 50; index++) scene.send({ key: 'a' });
    await runner.settled(50);
    expect(runner.steps).not.toContain('marked confirmed');
    await expect.poll(() => runner.steps.at(-1)).toBe('marked confirmed');
    await runner.stop();
    expect((await records()).filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
  });

  it('does not believe the mark of an owner who was replaced', async () => {
    const first = start();
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await first.settled(1);
    await first.stop();
    const asleep = (await records()).findLast(({ kind }) => kind === 'opening')?.['nonce'];
    const second = start();
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    await second.settled(1);
    await second.stop();
    const owner = (await records()).findLast(({ kind }) => kind === 'opening')?.['nonce'];
    await append(await lastBatch({ nonce: owner }));
    await append({ v: 1, kind: 'confirmed', nonce: asleep });
    const third = start();
    scene.send({ key: 'a' }, { messageId: 'm-3' });
    await third.settled(1);
    expect(await billIds()).toEqual(['bill-m-1', 'bill-m-2', 'bill-m-2', 'bill-m-3']);
  });

  it('lets a message without an id count again, for two customers may do the same thing', async () => {
    const runner = start();
    for (let index = 0; index < 2; index++) scene.channel.sendToQueue(scene.queue, Buffer.from('{"key":"a"}'));
    await runner.settled(2);
    expect(runner.store.get('a')).toBe(2);
  });

  it('decides copies inside one batch once, and a rejected message anew when it returns', async () => {
    const runner = start();
    scene.send({ key: 'warm up' });
    await runner.settled(1);
    for (let copy = 0; copy < 20; copy++) scene.send({ key: 'a' }, { messageId: 'same' });
    for (let copy = 0; copy < 3; copy++) scene.send({ key: 'a', then: 'reject' }, { messageId: 'bad' });
    await runner.settled(24);
    expect(runner.store.get('a')).toBe(1);
    expect(runner.batches.flatMap(({ rejected }) => rejected)).toHaveLength(3);
  });

  it('is touched by a standby only when it becomes the owner', async () => {
    const owner = start();
    scene.send({ key: 'a' });
    await owner.settled(1);
    const standby = start();
    await owner.logged('changelog-recovered');
    await expect.poll(() => standby.steps).toEqual(['subscribed']);
    await owner.stop();
    scene.send({ key: 'a' });
    await standby.settled(1);
    const taken = standby.steps.filter((step) => step !== 'one confirmed');
    expect(taken.slice(0, 4)).toEqual(['subscribed', 'delivered', 'opening written', 'recovered']);
    expect(standby.store.get('a')).toBe(2);
  });

  it('ignores what a replaced owner writes after his successor, and would take it without the nonce', async () => {
    const first = start();
    scene.send({ key: 'a' });
    await first.settled(1);
    await first.stop();
    const [{ nonce: asleep } = {}] = await records();
    const sleeper = { v: 1, kind: 'batch', handled: [], changes: [['a', 666]], outgoing: [] };
    const second = start();
    scene.send({ key: 'a' });
    await second.settled(1);
    await second.stop();
    await append({ ...sleeper, nonce: asleep });
    const third = start();
    scene.send({ key: 'a' });
    await third.settled(1);
    expect(third.store.get('a')).toBe(3);
    await third.stop();
    // The hazard: the same record under the nonce of the owner counts.
    const owner = (await records()).findLast(({ kind }) => kind === 'opening')?.['nonce'];
    await append({ ...sleeper, nonce: owner });
    const fourth = start();
    scene.send({ key: 'a' });
    await fourth.settled(1);
    expect(fourth.store.get('a')).toBe(667);
  });

  it('lets an owner that was replaced while nothing came send nothing of what it decides with its old memory', async () => {
    const inbox = await scene.alertInbox();
    const replaced = start();
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await replaced.settled(1);
    // Longer than its last record proves that it is the owner: no one can have taken over before that.
    await sleep(3_000);
    await append({ v: 1, kind: 'opening', nonce: 'successor' }, 'opening');
    await append({ v: 1, kind: 'batch', nonce: 'successor', handled: [], changes: [['a', 666]], outgoing: [] });
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    await replaced.logged('session-ended', 'taken over');
    // Its next session has the memory of its successor.
    await expect.poll(() => replaced.store.get('a')).toBe(667);
    await replaced.stop();
    expect(await billIds()).toEqual(['bill-m-1', 'bill-m-2']);
    expect((await scene.drain(inbox)).map(({ properties }) => properties.messageId)).toEqual([
      'alert-m-1',
      'alert-m-2',
    ]);
  });

  it('of the version before, whose exchange led nowhere, is taken over with all that it holds', async () => {
    const changelog = `${scene.queue}.changelog`;
    const first = start();
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await first.settled(1);
    await first.stop();
    await scene.channel.unbindQueue(changelog, changelog, '');
    // As that version writes it: to the stream itself.
    await append(await lastBatch());
    const second = start();
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    await second.settled(1);
    expect(second.store.get('a')).toBe(2);
    expect(await billIds()).toEqual(['bill-m-1', 'bill-m-1', 'bill-m-2']);
  });

  it('reports corrupt and foreign entries and reads on', async () => {
    const first = start();
    scene.send({ key: 'a' });
    await first.settled(1);
    await first.stop();
    await append('{"half": ');
    await append({ v: 1, kind: 'greeting', nonce: 'x' });
    const second = start();
    scene.send({ key: 'a' });
    await second.settled(1);
    expect(second.store.get('a')).toBe(2);
    expect(second.log.of('changelog-entry-skipped')).toHaveLength(2);
  });

  it("sends the last record's outgoing again only when its exchange is there", async () => {
    const first = start();
    scene.send({ key: 'a' });
    await first.settled(1);
    await first.stop();
    await append(await lastBatch());
    await scene.channel.deleteExchange(scene.alerts);
    const second = start();
    scene.send({ key: 'b', then: 'reject' });
    await second.settled(1);
    expect(second.steps.filter((step) => step === 'outgoing repeated')).toHaveLength(1);
    expect(await billIds()).toHaveLength(2);
    await scene.channel.assertExchange(scene.alerts, 'topic', { durable: true });
  });

  describe('what its last record sends and nobody can send any more', () => {
    /** The last record of a runner that was killed before the confirm: its bill is for an exchange that is gone. */
    async function stuckBill(): Promise<void> {
      const first = start();
      scene.send({ key: 'a' }, { messageId: 'm-1' });
      await first.settled(1);
      await first.stop();
      const [line = '', ...bodies] = (await lastBatch()).split('\n');
      const batch = JSON.parse(line);
      for (const sent of batch.outgoing) if (sent[0] === '') sent[0] = `gone-${scene.queue}`;
      await append([JSON.stringify(batch), ...bodies].join('\n'));
      await scene.drain(scene.bills);
    }

    it('holds up the start no longer than an outage, is found among the dead letters, and is sent by a redrive', async () => {
      await stuckBill();
      const log = `log-${scene.queue}`;
      await scene.channel.assertQueue(log, { durable: true, arguments: { 'x-queue-type': 'stream' } });
      const second = start({ outageMs: 200, deadLetterLog: log });
      scene.send({ key: 'b' }, { messageId: 'm-2' });
      await second.settled(1);
      expect(second.log.of('publish-stuck')[0]).toContain(`there is no exchange gone-${scene.queue}`);
      expect(second.log.of('outgoing-set-aside')).toHaveLength(1);
      await second.stop();
      const third = start({ outageMs: 200 });
      scene.send({ key: 'b' }, { messageId: 'm-3' });
      await third.settled(1);
      expect(third.log.of('outgoing-set-aside')).toEqual([]);

      const people = { amqpUrl, connectionName: 'people', log: recordingLog() };
      const signal = new AbortController().signal;
      const places = { queue: scene.deadLetters, log, signal };
      await scene.channel.assertExchange(`gone-${scene.queue}`, 'fanout', { durable: true });
      await scene.channel.bindQueue(scene.bills, `gone-${scene.queue}`, '');
      await onConnection(people, async (connection) => {
        const { letters } = await listDeadLetters(connection, places);
        expect(letters).toMatchObject([{ messageId: 'bill-m-1', queue: scene.queue, state: 'waiting' }]);
        expect(letters[0]?.reason).toContain('could not be sent: there is no exchange');
        expect(await removeLetters(connection, 'redrive', letters, places)).toEqual({ done: 1, left: [] });
      });
      expect((await billIds()).sort()).toEqual(['bill-m-1', 'bill-m-2', 'bill-m-3']);
      await scene.channel.deleteExchange(`gone-${scene.queue}`);
      await scene.channel.deleteQueue(log);
    });

    it('is sent when its queue is no longer full, however long that takes: nothing is set aside', async () => {
      const first = start();
      scene.send({ key: 'a' }, { messageId: 'm-1' });
      await first.settled(1);
      await first.stop();
      await append(await lastBatch());
      await scene.drain(scene.bills);
      const full = `full-${scene.queue}`;
      const limits = { 'x-max-length': 1, 'x-overflow': 'reject-publish' };
      await scene.channel.assertQueue(full, { durable: true, arguments: limits });
      await scene.channel.assertExchange(scene.alerts, 'topic', { durable: true });
      await scene.channel.bindQueue(full, scene.alerts, '#');
      for (let n = 0; n < 2; n++) scene.channel.publish(scene.alerts, 'x', Buffer.from('{}'));
      await expect.poll(() => scene.waiting(full)).toBe(1);
      const second = start({ outageMs: 100 });
      scene.send({ key: 'b', then: 'reject' }, { messageId: 'm-2' });
      await expect.poll(() => second.log.of('publish-stuck').length).toBeGreaterThan(5);
      expect(second.log.of('publish-stuck').join()).toContain('nacked');
      await scene.channel.deleteQueue(full);
      await second.settled(1);
      expect(second.log.of('outgoing-set-aside')).toEqual([]);
    });

    it('is kept, and holds up the start, where nobody would find it', async () => {
      await stuckBill();
      await scene.channel.deleteExchange(scene.deadLetters);
      const second = start({ outageMs: 100 });
      scene.send({ key: 'b' }, { messageId: 'm-2' });
      await second.logged('publish-stuck', 'it cannot be set aside either');
      expect(second.batches).toEqual([]);
      await scene.channel.assertExchange(`gone-${scene.queue}`, 'fanout', { durable: true });
      await scene.channel.bindQueue(scene.bills, `gone-${scene.queue}`, '');
      await second.settled(1);
      expect((await billIds()).sort()).toEqual(['bill-m-1', 'bill-m-2']);
      await scene.channel.deleteExchange(`gone-${scene.queue}`);
    });
  });

  it('survives retention: snapshots replace what the broker drops', async () => {
    const changelog = { retentionBytes: 64 * 1024, handledWindow: 100 };
    const first = start({ changelog, batchSize: 5 });
    for (let index = 0; index < 900; index++) scene.send({ key: `k${index % 9}` });
    await first.settled(900);
    await first.stop();
    expect(first.steps.filter((step) => step === 'snapshot written').length).toBeGreaterThan(3);
    expect((await records())[0]).not.toMatchObject({ kind: 'opening' });
    const second = start({ changelog });
    scene.send({ key: 'k0' });
    await second.settled(1);
    expect(Object.fromEntries(second.store.entries())).toEqual(
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, index === 0 ? 101 : 100])),
    );
  });

  it('stops with a clear error when a snapshot would take over a quarter, and has lost nothing', async () => {
    const changelog = { retentionBytes: 64 * 1024 };
    const first = start({ changelog });
    const key = (index: number) => `${index}`.padStart(200, 'k');
    for (let index = 0; index < 200; index++) scene.send({ key: key(index) });
    expect(String(await first.ended)).toMatch(/more than a quarter of the retention of 65536/);
    const counted = first.store.size;
    const second = start({ changelog });
    expect(String(await second.ended)).toMatch(/more than a quarter/);
    expect(second.store.size).toBeGreaterThanOrEqual(counted);
  });

  it('refuses a stream with another retention', async () => {
    const first = start();
    scene.send({ key: 'a' });
    await first.settled(1);
    await first.stop();
    const second = start({ changelog: { retentionBytes: 1024 * 1024 } });
    expect(String(await second.ended)).toMatch(/exists with other arguments; set the same retention/);
  });

  it('does not begin with an empty memory where its stream was deleted, this time and every time', async () => {
    const first = start();
    scene.send({ key: 'a' });
    await first.settled(1);
    await first.stop();
    await scene.channel.deleteQueue(`${scene.queue}.changelog`);
    scene.send({ key: 'a' });
    for (let time = 0; time < 2; time++) {
      expect(String(await start().ended)).toMatch(/\.changelog existed, .* and was deleted/);
    }
    expect(await scene.waiting(scene.queue)).toBe(1);
    await scene.channel.deleteExchange(`${scene.queue}.changelog`);
    const fresh = start();
    await fresh.settled(1);
    expect(fresh.store.get('a')).toBe(1);
  });
});
