import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, connect } from 'amqplib';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { type Child, processesOf, startNode } from '../support/system/child.js';
import { copyFolder, linkFolder, removeFolder } from '../support/system/folders.js';
import { collect } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

let folder: string;
const children: Child[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'visits-')));
  copyFolder('test/system/services/visits', folder);
  linkFolder(join(inject('installedPackage'), 'node_modules'), join(folder, 'node_modules'));
});

afterEach(async () => {
  for (const { process } of children) process.kill('SIGKILL');
  await expect.poll(() => processesOf(folder)).toEqual([]);
  removeFolder(folder);
});

it('a process of two runners that uses the public entries only remembers over kill -9, and ends when told to', async () => {
  const amqpUrl = ownVirtualHost();
  const start = (): Child => {
    const child = startNode(folder, 'main.mjs', [], { AMQP_URL: amqpUrl });
    children.push(child);
    return child;
  };
  const first = start();
  const model = await connect(amqpUrl);
  const channel = await model.createChannel();
  await expect.poll(() => hasQueue(model, 'counts')).toBe(true);
  const counts = await collect(channel, 'counts');
  for (const id of ['1', '2']) visit(channel, 'visits', id);
  await expect.poll(() => counts).toEqual([1, 2].map((count) => ({ page: 'home', count })));

  first.process.kill('SIGKILL');
  await first.ended;
  const second = start();
  visit(channel, 'visits', '3');
  await expect.poll(() => counts.at(-1)).toEqual({ page: 'home', count: 3 });
  visit(channel, 'downloads', '4');
  await expect.poll(() => counts.at(-1)).toEqual({ page: 'home', count: 1 });
  second.process.kill('SIGTERM');
  expect({ code: await second.ended, stderr: second.stderr() }).toMatchObject({ code: 0 });
  // What Lambda writes to the environment is for one function: two in a process would overwrite it.
  expect(second.stdout()).toContain('trace undefined');
  await model.close();
});

function visit(channel: Channel, queue: string, messageId: string): void {
  channel.sendToQueue(queue, Buffer.from('{"page":"home"}'), { messageId, persistent: true });
}

async function hasQueue(model: { createChannel(): Promise<Channel> }, queue: string): Promise<boolean> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  return channel.checkQueue(queue).then(
    () => channel.close().then(() => true),
    () => false,
  );
}
