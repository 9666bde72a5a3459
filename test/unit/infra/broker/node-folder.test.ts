import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { amqpUrlOf, claimNodeFolder } from '../../../../infra/broker/node-folder.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps its names and ports, and has a new password each time', async () => {
  const first = await claimNodeFolder(folder);
  await first.release();
  const second = await claimNodeFolder(folder);
  await second.release();
  expect(second.identity).toEqual({ ...first.identity, password: second.identity.password });
  expect(second.identity.password).not.toBe(first.identity.password);
  expect(amqpUrlOf(second.identity)).toMatch(/^amqp:\/\/local:[\w-]{24}@127\.0\.0\.1:\d+$/);
});

it('of an older folder, which does not say them, has the names that its data is kept by', async () => {
  const made = await claimNodeFolder(folder);
  await made.release();
  const file = join(folder, 'node.json');
  const { user: _, nodeName: __, lockSecret: ___, ...older } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify(older));
  const found = await claimNodeFolder(folder);
  await found.release();
  const { password } = found.identity;
  expect(found.identity).toEqual({
    ...older,
    user: 'shop',
    nodeName: 'shop@localhost',
    lockSecret: older.password,
    password,
  });
});
