import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChangelogRecord, encodeRecord } from '../../lib/rabbitmq/changelog/changelog-record.js';
import type { ChangelogSettings } from '../../lib/rabbitmq/changelog/settings.js';
import { FatalError } from '../../lib/rabbitmq/connection/fatal-error.js';
import { openScene, type Scene } from '../support/broker/broker.js';
import { changelogEntries } from '../support/broker/changelog-entries.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';

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

const KEY = 'k'.repeat(32);
const OTHER_KEY = 'o'.repeat(32);
const keys = (...texts: readonly string[]): ChangelogSettings => ({ keys: () => texts });

function start(changelog: ChangelogSettings): LocalRunner {
  const runner = startRunner(scene, { changelog });
  running.push(runner);
  return runner;
}

/** A runner with this changelog counts a message, and stops. */
async function count(changelog: ChangelogSettings, messageId: string): Promise<LocalRunner> {
  const runner = start(changelog);
  scene.send({ key: 'a' }, { messageId });
  await runner.settled(1);
  await runner.stop();
  return runner;
}

/** As anyone can who may write to the exchange of the changelog. */
async function write(content: Buffer, { type, headers = {} }: { type: string; headers?: object }): Promise<void> {
  const channel = await scene.newConfirmChannel();
  channel.publish(`${scene.queue}.changelog`, '', content, { persistent: true, type, headers });
  await channel.waitForConfirms();
  await channel.close();
}

async function forge(...records: readonly ChangelogRecord<unknown>[]): Promise<void> {
  for (const record of records) await write(encodeRecord(record), { type: record.kind });
}

/** What a thief would write who has read the changelog: the owner's newest session has sent a bill of the thief's. */
async function forgeBill(): Promise<void> {
  const openings = (await changelogEntries(scene)).filter(({ properties }) => properties.type === 'opening');
  const { nonce } = JSON.parse(String(openings.at(-1)?.content)) as { nonce: string };
  const content = Buffer.from('{"key":"a","count":999999}');
  const bill = { exchange: '', routingKey: scene.bills, content, messageId: 'forged', mustRoute: true, properties: {} };
  await forge({ kind: 'batch', nonce, handled: [], changes: [{ key: 'a', value: 999_998 }], outgoing: [bill] });
}

/** A session of someone else, which says that nothing is remembered. */
function forgetting(): ChangelogRecord<unknown>[] {
  const session = { nonce: 'forged', snapshot: 's' };
  return [
    { kind: 'opening', nonce: 'forged' },
    { kind: 'snapshot begin', ...session },
    { kind: 'snapshot part', ...session, index: 0, handled: [], entries: [] },
    { kind: 'snapshot end', ...session, parts: 1 },
  ];
}

const bills = async (): Promise<string[]> =>
  (await scene.drain(scene.bills)).map(({ properties }) => `${properties.messageId}`);

describe('without keys: the hazard', () => {
  it('a record that somebody has forged has a bill sent, and changes what is remembered', async () => {
    await count({}, 'm-1');
    await forgeBill();
    expect((await count({}, 'm-2')).store.get('a')).toBe(999_999);
    expect(await bills()).toEqual(['bill-m-1', 'forged', 'bill-m-2']);
  });

  it('a session that somebody has forged makes the next one forget', async () => {
    await count({}, 'm-1');
    await forge(...forgetting());
    expect((await count({}, 'm-2')).store.get('a')).toBe(1);
  });
});

describe('with keys', () => {
  it('a forged record sends nothing and changes nothing, and is counted', async () => {
    await count(keys(KEY), 'm-1');
    await forgeBill();
    const second = await count(keys(KEY), 'm-2');
    expect(second.store.get('a')).toBe(2);
    expect(await bills()).toEqual(['bill-m-1', 'bill-m-2']);
    expect(second.log.of('changelog-recovered')[0]).toContain('"skipped":2');
    expect(second.log.of('changelog-entry-skipped').join()).toContain('not signed, and others before it are');
  });

  it('nobody makes it forget: by a session that is made up, or by one that was copied', async () => {
    await count(keys(KEY), 'm-1');
    const first = await changelogEntries(scene);
    await count(keys(KEY), 'm-2');
    await forge(...forgetting());
    for (const { content, properties } of first) {
      await write(content, { type: `${properties.type}`, headers: { ...properties.headers } });
    }
    const third = await count(keys(KEY), 'm-3');
    expect(third.store.get('a')).toBe(3);
    expect(await bills()).toEqual(['bill-m-1', 'bill-m-2', 'bill-m-3']);
    expect(third.log.of('changelog-gap')).toEqual([]);
  });

  it('nobody takes the queue from a runner at work, or keeps it from starting', async () => {
    await count(keys(KEY), 'm-0');
    for (let garbage = 0; garbage < 30; garbage++) await write(Buffer.from([garbage]), { type: 'opening' });
    const runner = start(keys(KEY));
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await runner.settled(1);
    await forge(...forgetting());
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    await runner.settled(2);
    expect(runner.store.get('a')).toBe(3);
    expect(runner.log.of('session-ended')).toEqual([]);
    // A few are reported one by one.
    expect(runner.log.of('changelog-entry-skipped')).toHaveLength(10);
  });

  it('another runner that has them takes over, as ever', async () => {
    const first = start(keys(KEY));
    scene.send({ key: 'a' }, { messageId: 'm-1' });
    await first.settled(1);
    const second = start(keys(KEY));
    await first.stop();
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    await second.settled(1);
    expect(second.store.get('a')).toBe(2);
  });

  it('what was remembered before there was a key still is, and after a new one was put before the old one', async () => {
    await count({}, 'm-1');
    await count(keys(KEY), 'm-2');
    await count(keys(OTHER_KEY, KEY), 'm-3');
    const last = await count(keys(OTHER_KEY, KEY), 'm-4');
    expect(last.store.get('a')).toBe(4);
    expect(last.log.of('changelog-recovered')[0]).toContain('"skipped":0');
  });

  it.each([
    ['none', {}, 'is signed and cannot be verified without its key'],
    ['another one', keys(OTHER_KEY), 'is signed with a key that this runner does not have'],
    ['one that is too short', keys('short'), 'must have at least 32 characters'],
  ])('a runner that has %s does not begin on an empty memory', async (_, changelog, message) => {
    await count(keys(KEY), 'm-1');
    const without = start(changelog);
    scene.send({ key: 'a' }, { messageId: 'm-2' });
    const error = await without.ended;
    expect(error).toBeInstanceOf(FatalError);
    expect((error as Error).message).toContain(message);
    const again = start(keys(KEY));
    await again.settled(1);
    expect(again.store.get('a')).toBe(2);
  });
});

it('a value that no handler can have stored is skipped, in a batch and in a snapshot', async () => {
  const isValue = (value: unknown): boolean => typeof value === 'number';
  await count({}, 'm-1');
  const session = { nonce: 'stranger', snapshot: 's' };
  await forge(
    { kind: 'opening', nonce: 'stranger' },
    { kind: 'snapshot begin', ...session },
    {
      kind: 'snapshot part',
      ...session,
      index: 0,
      handled: [],
      entries: [['a', { count: 7 }] as const, ['b', 1] as const],
    },
    { kind: 'snapshot end', ...session, parts: 1 },
    { kind: 'batch', nonce: 'stranger', handled: [], outgoing: [], changes: [{ key: 'b', value: 'two' }] },
  );
  const second = await count({ isValue }, 'm-2');
  expect(new Map(second.store.entries())).toEqual(
    new Map([
      ['b', 1],
      ['a', 1],
    ]),
  );
  expect(second.log.of('changelog-entry-skipped')).toHaveLength(2);
});
