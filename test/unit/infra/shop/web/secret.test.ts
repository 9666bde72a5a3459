import { mkdtemp, rm, stat } from 'node:fs/promises';
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
  const secrets = await Promise.all([webSecret(folder), webSecret(folder)]);
  expect(secrets[0]).toHaveLength(32);
  expect(secrets[1]).toEqual(secrets[0]);
  expect(await webSecret(folder)).toEqual(secrets[0]);
  expect((await stat(join(folder, 'web-secret'))).mode & 0o777).toBe(0o600);
});
