import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findRunningBroker, writeBrokerFile } from '../../infra/broker/find-broker.js';
import { claimNodeFolder, NodeFolderInUse } from '../../infra/broker/node-folder.js';
import { startPrivateBroker } from '../../infra/broker/private-broker.js';
import { newFolder, processesOf, removeFolders } from '../support/broker/leftovers.js';
import { depth, putMessage } from '../support/broker/queue-content.js';

const root = join(import.meta.dirname, '..', '..');

afterAll(removeFolders);

test('a file that a killed node left is not believed', async () => {
  const runtimeFolder = await newFolder();
  // This process has the pid, as another process may after a reboot; but nothing answers on port 1.
  await writeBrokerFile(runtimeFolder, { amqpUrl: 'amqp://127.0.0.1:1', pid: process.pid });
  expect(await findRunningBroker(runtimeFolder)).toBeUndefined();
});

test('a file that names a broker elsewhere is not believed: a repository may bring one', async () => {
  const runtimeFolder = await newFolder();
  const broker = await startPrivateBroker({ folder: await newFolder() });
  const { username, password, port } = new URL(broker.amqpUrl);
  const address = (host: string) => `amqp://${username}:${password}@${host}:${port}`;
  await writeBrokerFile(runtimeFolder, { amqpUrl: address('127.0.0.1'), pid: process.pid });
  expect((await findRunningBroker(runtimeFolder))?.amqpUrl).toBe(broker.amqpUrl);
  // The same broker, by a name.
  await writeBrokerFile(runtimeFolder, { amqpUrl: address('localhost'), pid: process.pid });
  expect(await findRunningBroker(runtimeFolder)).toBeUndefined();
  await broker.stop();
});

describe('the broker command', () => {
  beforeEach(() => vi.stubEnv('AMQP_URL', ''));
  afterEach(() => vi.unstubAllEnvs());

  /** Runs the command in `project` until it prints its address. */
  async function run(project: string) {
    const child = spawn(process.execPath, [join(root, 'dist/infra/shop/commands/smart-shopping.js'), 'broker'], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const [line] = await Promise.race([once(child.stdout, 'data'), ended]);
    const address = String(line).trim();
    expect(address).toMatch(/^amqp:\/\/local:/);
    return { child, ended, address };
  }

  test('prints the address, is found by others, and ends with Ctrl-C', async () => {
    const project = await newFolder();
    const runtimeFolder = join(project, '.smart-shopping');
    expect(await findRunningBroker(runtimeFolder)).toBeUndefined();

    // Started at the same moment: one of them starts the node, the other finds it.
    const both = await Promise.all([run(project), run(project)]);
    expect(both[1].address).toBe(both[0].address);
    expect((await findRunningBroker(runtimeFolder))?.amqpUrl).toBe(both[0].address);
    expect((await stat(join(runtimeFolder, 'broker.json'))).mode & 0o777).toBe(0o600);
    expect((await processesOf(project)).filter((name) => name === 'beam.smp')).toHaveLength(1);

    for (const { child, ended } of both) {
      child.kill('SIGINT');
      expect(await ended).toEqual([0, null]);
    }
    await expect.poll(() => processesOf(project)).toEqual([]);
    expect(await findRunningBroker(runtimeFolder)).toBeUndefined();
    expect(existsSync(join(runtimeFolder, 'broker.json'))).toBe(false);
  });

  test('is up each time, stopped and started in quick succession', async () => {
    const project = await newFolder();
    let last = await run(project);
    const { address } = last;
    for (let round = 0; round < 10; round++) {
      last.child.kill('SIGINT');
      const next = await run(project);
      expect(new URL(next.address).host).toBe(new URL(address).host);
      expect(await depth(next.address, 'amq.nowhere').catch(String)).toContain('NOT_FOUND');
      expect(await last.ended).toEqual([0, null]);
      expect(next.child.exitCode).toBeNull();
      last = next;
    }
    last.child.kill('SIGINT');
    await last.ended;
  });

  test('takes another port for its lock where a foreign process has it, talkative or silent', async () => {
    const project = await newFolder();
    const node = join(project, '.smart-shopping', 'node');
    await claimNodeFolder(node).then((folder) => folder.release());
    const { lockPort } = JSON.parse(await readFile(join(node, 'node.json'), 'utf8')) as { lockPort: number };
    const silent = createServer(() => undefined).listen(lockPort, '127.0.0.1');
    const talkative = createServer((socket) => socket.end('220 mail\r\n')).listen(lockPort + 1, '127.0.0.1');
    await Promise.all([once(silent, 'listening'), once(talkative, 'listening')]);
    try {
      const first = await run(project);
      // The lock holds at its current port, and where the foreign process was before.
      await expect(claimNodeFolder(node)).rejects.toThrow(NodeFolderInUse);
      silent.close();
      await vi.waitUntil(() => !silent.listening);
      await expect(claimNodeFolder(node)).rejects.toThrow(NodeFolderInUse);
      first.child.kill('SIGINT');
      expect(await first.ended).toEqual([0, null]);
    } finally {
      silent.close();
      talkative.close();
    }
  });

  test('leaves nothing when it is killed with SIGKILL, and the next start waits for what is still ending', async () => {
    const project = await newFolder();
    const first = await run(project);
    await putMessage(first.address, 'kept');
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await run(project);
    expect(new URL(second.address).host).toBe(new URL(first.address).host);
    expect(await depth(second.address, 'kept')).toBe(1);

    second.child.kill('SIGKILL');
    await vi.waitUntil(async () => (await processesOf(project)).length === 0, { timeout: 100_000 });
    expect(await findRunningBroker(join(project, '.smart-shopping'))).toBeUndefined();
  });
});
