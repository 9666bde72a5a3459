import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Step } from '../../lib/rabbitmq/steps.js';
import { eventually, openScene, type Scene } from '../support/broker/broker.js';
import { endWorkers, startWorker, type WorkerProcess } from '../support/broker/worker-process.js';

let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
});

afterEach(async () => {
  await endWorkers();
  await scene.close();
});

interface Bill {
  readonly id: string;
  readonly key: string;
  readonly count: number;
}

async function bills(): Promise<Bill[]> {
  const messages = await scene.drain(scene.bills);
  return messages.map(({ content, properties }) => ({
    id: String(properties.messageId),
    ...(JSON.parse(content.toString()) as { key: string; count: number }),
  }));
}

/** Waits for a bill for each of the sent messages, and returns all bills, including repeats. */
async function billsOf(sent: number): Promise<Bill[]> {
  const found: Bill[] = [];
  return eventually(async () => {
    found.push(...(await bills()));
    return new Set(found.map(({ id }) => id)).size >= sent ? found : undefined;
  });
}

/** Stops the workers properly and returns the bills that came last. */
async function stopped(...workers: readonly WorkerProcess[]): Promise<Bill[]> {
  for (const { child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ ended }) => ended));
  await eventually(async () => (await scene.waiting(scene.queue)) === 0);
  return bills();
}

/** One bill per message, each count of a key exactly once, in sending order; a repeat only with the same id. */
function expectNothingLost(found: readonly Bill[], sent: number): void {
  const byId = new Map<string, string>();
  for (const { id, key, count } of found) {
    const bill = `${key} ${count}`;
    expect(byId.get(id) ?? bill).toBe(bill);
    byId.set(id, bill);
  }
  const expected = Array.from({ length: sent }, (_, index) => [
    `bill-m-${index}`,
    `k${index % 3} ${Math.floor(index / 3) + 1}`,
  ]);
  expect([...byId].sort()).toEqual(expected.sort() as [string, string][]);
}

function ids(kind: string, sent: number): string[] {
  return Array.from({ length: sent }, (_, index) => `${kind}-m-${index}`);
}

function sendNumbered(from: number, to: number): void {
  for (let index = from; index < to; index++) scene.send({ key: `k${index % 3}` }, { messageId: `m-${index}` });
}

const faults: readonly { readonly step: Step; readonly nth: number }[] = [
  { step: 'subscribed', nth: 1 },
  { step: 'delivered', nth: 1 },
  { step: 'opening written', nth: 1 },
  { step: 'recovered', nth: 1 },
  { step: 'outgoing repeated', nth: 1 },
  { step: 'decided', nth: 1 },
  { step: 'encoded', nth: 1 },
  { step: 'one confirmed', nth: 2 },
  { step: 'confirmed', nth: 1 },
  { step: 'committed', nth: 1 },
  { step: 'acknowledged', nth: 1 },
  { step: 'delivered', nth: 3 },
  { step: 'decided', nth: 3 },
  { step: 'encoded', nth: 3 },
  { step: 'one confirmed', nth: 20 },
  { step: 'confirmed', nth: 3 },
  { step: 'committed', nth: 3 },
  { step: 'acknowledged', nth: 3 },
  { step: 'snapshot begun', nth: 1 },
  { step: 'snapshot written', nth: 1 },
];

describe('kill -9', () => {
  it.each(faults)('at "$step" ($nth) loses nothing and bills nothing twice', async ({ step, nth }) => {
    const sent = 120;
    const size = { retentionBytes: 64 * 1024, batchSize: 10, prefetch: 20 };
    sendNumbered(0, sent);
    const victim = startWorker(scene, { ...size, fault: { step, nth, signal: 'SIGKILL' } });
    await victim.ended;
    expect(victim.child.signalCode).toBe('SIGKILL');
    const heir = startWorker(scene, size);
    const found = await billsOf(sent);
    expectNothingLost([...found, ...(await stopped(heir))], sent);
    expect(await scene.waiting(scene.deadLetters)).toBe(0);
  });

  it('between the record and its bill: the message counts as handled, and the bill still comes, from the record', async () => {
    await scene.channel.deleteQueue(scene.bills);
    sendNumbered(0, 1);
    const victim = startWorker(scene, { fault: { step: 'publish failed', nth: 1, signal: 'SIGKILL' } });
    await victim.ended;
    await scene.channel.assertQueue(scene.bills, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    const heir = startWorker(scene);
    const found = await billsOf(1);
    await eventually(() => heir.batches.length > 0);
    expectNothingLost([...found, ...(await stopped(heir))], 1);
    // Nothing was decided again: without repeating the record's outgoing messages the bill would be lost.
    expect(heir.batches).toMatchObject([{ messages: 1, repeated: 1, accepted: 0, outgoing: 0 }]);
  });

  it('of an idle worker repeats nothing: it has marked what it sent as confirmed', async () => {
    const inbox = await scene.alertInbox();
    sendNumbered(0, 12);
    const victim = startWorker(scene, { fault: { step: 'marked confirmed', nth: 1, signal: 'SIGKILL' } });
    await victim.ended;
    expect(victim.child.signalCode).toBe('SIGKILL');
    sendNumbered(12, 15);
    const heir = startWorker(scene);
    await eventually(() => heir.batches.reduce((sum, { messages }) => sum + messages, 0) >= 3);
    await stopped(heir).then((found) => expect(found.map(({ id }) => id)).toEqual(ids('bill', 15)));
    expect((await scene.drain(inbox)).map(({ properties }) => properties.messageId)).toEqual(ids('alert', 15));
  });

  it('without a changelog forgets what was counted: the hazard that the changelog guards against', async () => {
    sendNumbered(0, 3);
    const victim = startWorker(scene, {
      changelog: 'none',
      fault: { step: 'acknowledged', nth: 2, signal: 'SIGKILL' },
    });
    await victim.ended;
    sendNumbered(3, 6);
    const heir = startWorker(scene, { changelog: 'none' });
    const found = await billsOf(6);
    await stopped(heir);
    expect(found.filter(({ id }) => id === 'bill-m-3').map(({ count }) => count)).toEqual([1]);
  });
});

describe('a standby', () => {
  it('takes over when the owner dies, with all its state', async () => {
    const owner = startWorker(scene, { batchSize: 5, fault: { step: 'acknowledged', nth: 12, signal: 'SIGKILL' } });
    sendNumbered(0, 10);
    const found = await billsOf(10);
    const standby = startWorker(scene);
    await standby.reached('subscribed');
    expect(standby.steps).not.toContain('opening written');
    sendNumbered(10, 90);
    found.push(...(await billsOf(80)));
    expect(owner.child.signalCode).toBe('SIGKILL');
    expectNothingLost([...found, ...(await stopped(standby))], 90);
  });

  it.each<Step>(['delivered', 'decided', 'encoded', 'confirmed', 'committed'])(
    'takes over from an owner who sleeps at "%s"; the owner wakes up and does no harm',
    async (step) => {
      const owner = startWorker(scene, { batchSize: 5, fault: { step, nth: 3, signal: 'SIGSTOP' } });
      await owner.reached('subscribed');
      sendNumbered(0, 60);
      await owner.reached(step);
      const standby = startWorker(scene);
      const found = await billsOf(60);
      owner.child.kill('SIGCONT');
      sendNumbered(60, 90);
      await eventually(() => owner.steps.filter((s) => s === 'subscribed').length > 1);
      found.push(...(await billsOf(30)));
      expectNothingLost([...found, ...(await stopped(standby, owner))], 90);
      expect(await scene.waiting(scene.deadLetters)).toBe(0);
    },
  );
});

describe('a message that kills the process', () => {
  it('takes nobody with it: it is rejected when it has done so six times', async () => {
    sendNumbered(0, 30);
    scene.send({ key: 'poison', then: 'exit' }, { messageId: 'poison' });
    sendNumbered(30, 60);
    let crashes = 0;
    let worker = startWorker(scene, { prefetch: 100 });
    const found = billsOf(60);
    const dead = eventually(async () => (await scene.waiting(scene.deadLetters)) > 0);
    const done = Promise.all([found, dead]).then(() => 'done');
    while ((await Promise.race([worker.ended, done])) !== 'done') {
      crashes++;
      worker = startWorker(scene, { prefetch: 100 });
    }
    // The first time it was not redelivered, and so not suspected.
    expect(crashes).toBe(6);
    const rejections = () => worker.batches.flatMap(({ rejected }) => rejected);
    await expect.poll(rejections).toEqual([{ messageId: 'poison', reason: 'ended its process 5 times' }]);
    expectNothingLost([...(await found), ...(await stopped(worker))], 60);
    const letters = await scene.drain(scene.deadLetters);
    expect(letters.map(({ properties }) => properties.messageId)).toEqual(['poison']);
  });

  it('ends by the delivery limit of its queue where there is no changelog to count in', async () => {
    const queue = `limited-${scene.queue}`;
    await scene.channel.assertQueue(queue, {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-delivery-limit': 3,
        'x-dead-letter-exchange': scene.deadLetters,
      },
    });
    scene.channel.sendToQueue(queue, Buffer.from('{"key":"poison","then":"exit"}'), { messageId: 'poison' });
    let crashes = 0;
    const dead = eventually(async () => ((await scene.waiting(scene.deadLetters)) > 0 ? 'dead' : undefined));
    do await startWorker(scene, { queue, changelog: 'none' }).ended;
    while (++crashes < 4);
    expect(await dead).toBe('dead');
    await scene.channel.deleteQueue(queue);
  });
});

describe('an outage of the handler, through many restarts of its worker', () => {
  it('costs no message', async () => {
    sendNumbered(0, 30);
    for (let restart = 0; restart < 12; restart++) {
      const worker = startWorker(scene, { outage: true });
      await worker.reached('outgoing repeated');
      // Anywhere between the first failure and the tenth.
      await sleep(restart * 40);
      worker.child.kill('SIGKILL');
      await worker.ended;
    }
    const heir = startWorker(scene);
    const found = await billsOf(30);
    expectNothingLost([...found, ...(await stopped(heir))], 30);
    expect(await scene.waiting(scene.deadLetters)).toBe(0);
  });
});
