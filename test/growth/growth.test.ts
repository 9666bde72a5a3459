import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ConfirmChannel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { Child } from '../bench/child.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { type NetworkProxy, openProxy } from '../support/broker/proxy.js';
import type { GrowingOrders, Held } from './growing.js';

/** A day in the life of a process, condensed: at the end it must hold what it held at the start. */

const MESSAGES = 1_000_000;
const RECONNECTS = 1_000;
const RESTARTS = 10_000;
/** Samples of each; the first is taken when everything is warm. */
const SAMPLES = 10;
const QUEUE = 'growing';
const THREAD_QUEUE = 'growing.thread';
const KEYS = 1_000;
const MOST_AHEAD = 20_000;
const HOURS = 3_600_000;

let broker: PrivateBroker;
let proxy: NetworkProxy;
let child: Child;
let channel: ConfirmChannel;
let close: () => Promise<void>;
let sent = 0;

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
  proxy = await openProxy(broker.amqpUrl);
  const model = await connect(broker.amqpUrl);
  close = () => model.close();
  channel = await model.createConfirmChannel();
  for (const queue of [QUEUE, THREAD_QUEUE]) {
    await channel.assertQueue(queue, { arguments: { 'x-queue-type': 'quorum' } });
  }
  const codeDir = await newFolder();
  await writeFile(join(codeDir, 'eat.cjs'), 'exports.handler = async () => undefined;');
  const orders: GrowingOrders = {
    amqpUrl: proxy.url,
    queue: QUEUE,
    threadQueue: THREAD_QUEUE,
    codeDir,
    handler: 'eat.handler',
  };
  child = await Child.start(pathToFileURL('dist.test/test/growth/growing.js').href, orders, ['--expose-gc']);
});

afterAll(async () => {
  await child.end();
  await close();
  await proxy.close();
  await broker.stop();
  await removeFolders();
});

const progress = () => child.ask<{ readonly settled: number; readonly sessions: number }>('progress');

/** Sends some, and waits until all that were ever sent are handled. */
async function handle(messages: number): Promise<void> {
  const until = sent + messages;
  while (sent < until) {
    const { settled } = await progress();
    for (; sent < Math.min(until, settled + MOST_AHEAD); sent++) {
      const body = Buffer.from(JSON.stringify({ key: `key-${sent % KEYS}` }));
      channel.sendToQueue(QUEUE, body, { messageId: `m-${sent}`, persistent: true });
    }
    await channel.waitForConfirms();
  }
  await expect.poll(async () => (await progress()).settled).toBeGreaterThanOrEqual(sent);
}

/** Ends the connection this often, each time after it has been opened again. */
async function reconnect(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const { sessions } = await progress();
    proxy.cut();
    await expect.poll(async () => (await progress()).sessions).toBeGreaterThan(sessions);
  }
}

/** Does something in equal parts, and measures the process after each. */
async function sample(what: string, total: number, work: (part: number) => Promise<unknown>): Promise<Held[]> {
  const samples: Held[] = [];
  for (let index = 1; index <= SAMPLES; index++) {
    await work(total / SAMPLES);
    const held = await child.ask<Held>('held');
    samples.push(held);
    const { heapMb, residentMb, listeners, resources } = held;
    const numbers = `heap ${heapMb.toFixed(1)} MB, resident ${residentMb.toFixed(0)} MB, ${listeners} listeners`;
    process.stderr.write(`${(total / SAMPLES) * index} ${what}: ${numbers}, ${JSON.stringify(resources)}\n`);
  }
  return samples;
}

const middle = (samples: readonly Held[], of: (held: Held) => number): number =>
  samples.map(of).sort((one, other) => one - other)[Math.floor(samples.length / 2)] as number;

function expectFlat(samples: readonly Held[]): void {
  const [early, late] = [samples.slice(0, 3), samples.slice(-3)];
  for (const held of [(one: Held) => one.heapMb, (one: Held) => one.residentMb]) {
    // A leak grows with each part: by the end it would hold several times as much as after the first parts.
    expect(middle(late, held)).toBeLessThan(middle(early, held) * 1.25 + 2);
  }
  expect(middle(late, ({ listeners }) => listeners)).toBe(middle(early, ({ listeners }) => listeners));
  expect(late.at(-1)?.resources).toEqual(early[0]?.resources);
}

it(`holds no more after ${MESSAGES} messages`, { timeout: HOURS }, async () => {
  expectFlat(await sample('messages', MESSAGES, handle));
});

it(`holds no more after ${RECONNECTS} reconnects`, { timeout: HOURS }, async () => {
  expectFlat(await sample('reconnects', RECONNECTS, reconnect));
});

it(`holds no more after ${RESTARTS} restarts of a thread`, { timeout: 3 * HOURS }, async () => {
  expectFlat(await sample('restarts', RESTARTS, (times) => child.ask<number>('restart', times)));
});
