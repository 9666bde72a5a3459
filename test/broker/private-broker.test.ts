import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readlink, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { unpackDebianServer } from '../../infra/broker/debian-packages.js';
import { claimNodeFolder, NodeFolderInUse } from '../../infra/broker/node-folder.js';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import type { Progress } from '../../infra/broker/progress.js';
import { newFolder, processesOf, removeFolders } from '../support/broker/leftovers.js';
import { accepts, outsideAddresses } from '../support/broker/loopback.js';
import { depth, putMessage } from '../support/broker/queue-content.js';

afterAll(removeFolders);

/** Processes that a node has started outlive it by a moment. */
async function nothingRuns(folder: string): Promise<void> {
  await expect.poll(() => processesOf(folder)).toEqual([]);
}

/** If it already exists, that is refused as long as the stream does not answer. */
async function declareStream(amqpUrl: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  await channel.assertQueue('stream', { durable: true, arguments: { 'x-queue-type': 'stream' } });
  await connection.close();
}

describe('a private RabbitMQ', () => {
  let folder: string;
  let broker: PrivateBroker;

  beforeAll(async () => {
    folder = await newFolder();
    broker = await startPrivateBroker({ folder, vhosts: ['till'] });
  });
  afterAll(async () => broker.stop());

  test('lets its own user into / and into every vhost it was started with', async () => {
    for (const url of [broker.amqpUrl, `${broker.amqpUrl}/till`]) {
      const connection = await connect(url);
      await connection.close();
    }
  });

  test('refuses guest', async () => {
    const { hostname, port } = new URL(broker.amqpUrl);
    await expect(connect(`amqp://guest:guest@${hostname}:${port}`)).rejects.toThrow(/ACCESS.REFUSED/);
  });

  test('has the consistent-hash exchange and no other plugin', async () => {
    expect(await broker.ctl('eval', 'rabbit_plugins:active().')).toBe('[rabbitmq_consistent_hash_exchange]\n');
  });

  test('is not reachable from outside this machine', async () => {
    const identity = JSON.parse(await readFile(join(folder, 'node.json'), 'utf8')) as Record<string, unknown>;
    const ports = Object.values(identity).filter((value) => typeof value === 'number');
    expect(ports).toHaveLength(4);
    for (const port of ports) {
      expect(await accepts('127.0.0.1', port)).toBe(true);
      for (const address of outsideAddresses()) expect(await accepts(address, port), `${address}:${port}`).toBe(false);
    }
  });

  test('keeps its secrets from other users', async () => {
    for (const file of ['node.json', 'config/definitions.json'])
      expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
  });

  test('is alone in its folder', async () => {
    await expect(startPrivateBroker({ folder })).rejects.toThrow(NodeFolderInUse);
  });

  test('keeps a durable queue, its messages and its port over restart, kill and a new start; streams answer at once', async () => {
    const { amqpUrl } = broker;
    const { host, password } = new URL(amqpUrl);
    await putMessage(amqpUrl, 'kept');
    await declareStream(amqpUrl);
    const holds = async (): Promise<void> => {
      expect(new URL(broker.amqpUrl).host).toBe(host);
      await declareStream(broker.amqpUrl);
      expect(await depth(broker.amqpUrl, 'kept')).toBe(1);
    };
    const before = broker.pid;

    await broker.restart();
    expect(broker.pid).not.toBe(before);
    await holds();

    await broker.kill();
    await expect(connect(amqpUrl)).rejects.toThrow(/ECONNREFUSED/);
    await broker.restart();
    await holds();

    await broker.stop();
    await nothingRuns(folder);
    broker = await startPrivateBroker({ folder });
    await holds();
    expect(new URL(broker.amqpUrl).password).not.toBe(password);
    await expect(connect(amqpUrl)).rejects.toThrow(/ACCESS.REFUSED/);
  });

  test('starts in a folder that was copied, where its secret may be read by others', async () => {
    await broker.stop();
    const cookie = join(folder, 'home', '.erlang.cookie');
    const before = await readFile(cookie, 'utf8');
    await chmod(cookie, 0o644);
    broker = await startPrivateBroker({ folder });
    expect((await stat(cookie)).mode & 0o077).toBe(0);
    const after = await readFile(cookie, 'utf8');
    expect(after).toMatch(/^[\da-f]{64}$/);
    expect(after).not.toBe(before);
  });

  test('loses everything when started fresh', async () => {
    await putMessage(broker.amqpUrl, 'gone');
    await broker.stop();
    broker = await startPrivateBroker({ folder, fresh: true });
    await expect(depth(broker.amqpUrl, 'gone')).rejects.toThrow(/NOT_FOUND/);
  });

  test('says so when it ends unasked', async () => {
    await broker.stop();
    const onCrash = vi.fn();
    broker = await startPrivateBroker({ folder, onCrash });
    process.kill(broker.pid, 'SIGKILL');
    await vi.waitUntil(() => onCrash.mock.calls.length > 0);
    expect(onCrash.mock.calls[0]?.[0]).toMatchObject({ message: expect.stringContaining('SIGKILL') });
  });
});

test('whoever takes the port of a node before it does is given nothing', async () => {
  const folder = await newFolder();
  const { identity, release } = await claimNodeFolder(folder);
  await release();
  let given = 0;
  const impostor = createServer((socket) => {
    given++;
    socket.destroy();
  });
  const takePort = (): void => void impostor.listen(identity.amqpPort, '127.0.0.1');
  const starting = startPrivateBroker({
    folder,
    onProgress: ({ step }) => step === 'starting RabbitMQ' && takePort(),
  });
  await expect(starting).rejects.toThrow(/RabbitMQ did not start/);
  expect(given).toBe(0);
  impostor.close();
});

test('a folder that everybody may write to is refused, before anything runs there', async () => {
  const folder = await newFolder();
  await chmod(folder, 0o777);
  await expect(startPrivateBroker({ folder })).rejects.toThrow(`Everyone can write to ${folder}.`);
  await chmod(folder, 0o770);
  const claimed = await claimNodeFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o750);
  await claimed.release();
});

test('a start that is aborted leaves nothing', async () => {
  const folder = await newFolder();
  const abort = new AbortController();
  const start = startPrivateBroker({
    folder,
    signal: abort.signal,
    onProgress: () => setTimeout(() => abort.abort(new Error('enough')), 1_000),
  });
  await expect(start).rejects.toThrow('enough');
  await nothingRuns(folder);
});

describe('where no server is installed', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.skipIf(!existsSync('/usr/bin/apt-get'))(
    "Debian's packages are unpacked, and run from where they are",
    async () => {
      vi.stubEnv('SMART_SHOPPING_BROKER', 'unpacked');
      const folder = await newFolder();
      const cacheFolder = join(folder, 'server');
      const lines: Progress[] = [];
      const broker = await startPrivateBroker({
        folder: join(folder, 'node'),
        cacheFolder,
        onProgress: (line) => lines.push(line),
      });
      expect(await readlink(`/proc/${broker.pid}/exe`)).toContain(cacheFolder);
      expect(await readFile(`/proc/${broker.pid}/maps`, 'utf8')).not.toMatch(/ \/usr\/lib\/(erlang|rabbitmq)/);
      expect(await broker.ctl('eval', 'rabbit_plugins:active().')).toBe('[rabbitmq_consistent_hash_exchange]\n');
      expect(lines.map(({ step }) => step)).toContain('unpacking packages');
      await broker.stop();
      await nothingRuns(folder);

      // At most one check a day for newer packages.
      const list = await readFile(join(cacheFolder, 'packages.txt'), 'utf8');
      expect(list).toMatch(/^rabbitmq-server_.*\.deb$/m);
      const stepsOf = async (renew: boolean): Promise<string[]> => {
        const steps: string[] = [];
        const onProgress = ({ step }: Progress) => void steps.push(step);
        expect(await unpackDebianServer({ cacheFolder, renew, onProgress, signal: undefined })).toBeDefined();
        return steps;
      };
      const looking = "looking for a newer RabbitMQ among Debian's packages";
      expect(await stepsOf(false)).toEqual([]);
      await utimes(join(cacheFolder, 'looked'), 0, 0);
      expect(await stepsOf(false)).toEqual([looking]);
      expect(await stepsOf(false)).toEqual([]);
      await writeFile(join(cacheFolder, 'packages.txt'), list.replace(/^rabbitmq-server_/m, 'rabbitmq-server_old_'));
      expect(await stepsOf(true)).toEqual(expect.arrayContaining([looking, 'unpacking packages']));
      expect(await readFile(join(cacheFolder, 'packages.txt'), 'utf8')).toBe(list);
    },
  );

  test.skipIf(!existsSync('/usr/bin/apt-get'))(
    'a machine without a network is told so, and what else helps',
    async () => {
      const folder = await newFolder();
      await mkdir(join(folder, 'lists', 'partial'), { recursive: true });
      const nobody = 'http://127.0.0.1:1';
      const lines = [
        `Dir::State::Lists "${join(folder, 'lists')}";`,
        `Acquire::http::Proxy "${nobody}";`,
        `Acquire::https::Proxy "${nobody}";`,
      ];
      await writeFile(join(folder, 'apt.conf'), lines.join('\n'));
      vi.stubEnv('APT_CONFIG', join(folder, 'apt.conf'));
      vi.stubEnv('SMART_SHOPPING_BROKER', 'unpacked');
      const start = startPrivateBroker({ folder: join(folder, 'node'), cacheFolder: join(folder, 'server') });
      await expect(start).rejects.toThrow(
        /^No RabbitMQ server here, .* Is this machine on a network\? .* set AMQP_URL/s,
      );
    },
  );
});
