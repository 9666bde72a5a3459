import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findServer } from '../../../../infra/broker/server-location.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-location-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function program(...path: string[]): Promise<string> {
  const file = join(folder, ...path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o755);
  return file;
}

/** A server as its packages lay it out, `home` being its folder; its program is found through a link. */
async function installed(home: string, plugin: string): Promise<void> {
  const server = await program(home, 'sbin', 'rabbitmq-server');
  await mkdir(join(folder, home, 'plugins', plugin), { recursive: true });
  await program('bin', 'epmd');
  await symlink(server, join(folder, 'bin', 'rabbitmq-server'));
  vi.stubEnv('PATH', join(folder, 'bin'));
  vi.stubEnv('RABBITMQ_SERVER', join(folder, 'bin', 'rabbitmq-server'));
}

const search = () => ({
  cacheFolder: join(folder, 'cache'),
  renew: false,
  onProgress: () => undefined,
  signal: undefined,
});

describe('an installed server', () => {
  it.each([
    ['3.6.10', 'rabbitmq_server-3.6.10', 'accept-0.3.3.ez'],
    ['3.9.29', 'rabbitmq', 'rabbit-3.9.29.ez'],
    ['3.8.9', 'Cellar', 'rabbit-3.8.9'],
  ])('of version %s is refused in one line that says what to do', async (version, home, plugin) => {
    await installed(home, plugin);
    const refusal = await findServer(search()).catch((error: Error) => error.message);
    expect(refusal).toContain(`RabbitMQ ${version} in ${join(folder, home)} is too old: 3.10 or newer is needed.`);
    expect(refusal).toContain('AMQP_URL');
    expect(refusal).not.toContain('\n');
  });

  it.each([
    ['rabbitmq_server-3.10.8', 'rabbit-3.10.8'],
    ['rabbitmq', 'rabbit-3.13.7'],
    ['rabbitmq_server-4.1.0', 'rabbit-4.1.0.ez'],
    ['rabbitmq', 'rabbitmq_shovel-3.9.1'],
  ])('in %s with %s is taken', async (home, plugin) => {
    await installed(home, plugin);
    expect((await findServer(search())).scripts).toBe(join(folder, home, 'sbin'));
  });
});
