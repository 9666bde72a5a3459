import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
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
  expect(amqpUrlOf(second.identity)).toMatch(/^amqp:\/\/local:[0-9a-f]{36}@127\.0\.0\.1:\d+$/);
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

it('that was copied, or that a repository has brought, is refused', async () => {
  const ours = join(folder, 'ours');
  await (await claimNodeFolder(ours)).release();
  const copied = join(folder, 'copied');
  await cp(ours, copied, { recursive: true });
  await expect(claimNodeFolder(copied)).rejects.toThrow(`${copied} was not created here`);
  const brought = join(folder, 'brought');
  await mkdir(join(brought, 'home'), { recursive: true });
  await writeFile(join(brought, 'home', '.erlang'), 'os:cmd("true").');
  await expect(claimNodeFolder(brought)).rejects.toThrow(`${brought} was not created here`);
  const link = join(folder, 'link');
  await symlink(ours, link);
  await expect(claimNodeFolder(link)).rejects.toThrow(`${link} is a link`);
  await (await claimNodeFolder(ours)).release();
});

it('at first starts of two at once is claimed by one', async () => {
  const ours = join(folder, 'ours');
  const claims = await Promise.allSettled([claimNodeFolder(ours), claimNodeFolder(ours)]);
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  for (const claim of claims) if (claim.status === 'fulfilled') await claim.value.release();
});
