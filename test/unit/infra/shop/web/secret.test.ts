import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { webSecret } from '../../../../../infra/shop/web/secret.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'web-secret-'));
});
afterEach(async () => rm(folder, { recursive: true }));

it('is made once, for whoever comes first, and read by nobody else', async () => {
  const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => webSecret(folder)));
  expect(first).toHaveLength(32);
  for (const other of others) expect(other).toEqual(first);
  expect(await webSecret(folder)).toEqual(first);
  expect(await readdir(folder)).toEqual(['web-secret']);
  expect((await stat(join(folder, 'web-secret'))).mode & 0o777).toBe(0o600);
});
