import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { withoutPassword } from '../../lib/rabbitmq/connection/connect-error.js';
import { newFolder, processesOf, removeFolders } from '../support/broker/leftovers.js';

const SMART_SHOPPING = join(import.meta.dirname, '../../dist/infra/shop/commands/smart-shopping.js');

afterAll(removeFolders);

function start(cwd: string, args: readonly string[]) {
  const env = { ...process.env, AMQP_URL: '' };
  const child = spawn(process.execPath, [SMART_SHOPPING, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    printed.stdout += text;
  });
  child.stderr.on('data', (text) => {
    printed.stderr += text;
  });
  return { child, printed, ended: once(child, 'close') };
}

/** Runs it to its end. */
async function run(cwd: string, ...args: readonly string[]) {
  const { printed, ended } = start(cwd, args);
  const [code] = await ended;
  return { code, ...printed };
}

const states = async (project: string) =>
  (await run(project, 'broker', 'nodes', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly state: string }).state);

it('runs a cluster whose nodes are killed, frozen and started, and on which the demo runs', async () => {
  const project = await newFolder();
  expect(await run(project, 'broker', 'nodes')).toMatchObject({ code: 69, stdout: '' });
  expect(await run(project, 'broker', '--nodes', '2')).toMatchObject({ code: 2, stdout: '' });
  const owner = start(project, ['broker', '--nodes', '3', '--json']);
  await expect.poll(() => owner.printed.stdout).toContain('\n');
  const { amqp_url: address } = JSON.parse(owner.printed.stdout) as { readonly amqp_url: string };
  expect(withoutPassword(address)).toMatch(/^(amqp:\/\/local@127\.0\.0\.1:\d+(, )?){3}$/);
  expect(owner.printed.stderr).toContain('A cluster of 3 RabbitMQ nodes is running');

  expect(await run(project, 'broker', 'kill', '2')).toMatchObject({ code: 0 });
  expect(await states(project)).toEqual(['running', 'ended', 'running']);
  expect(await run(project, 'broker', 'kill', '2')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Node 2 has already ended\./),
  });
  const demo = await run(project, 'demo', '--nodes', '3', '--json');
  expect(JSON.parse(demo.stdout)).toMatchObject({ differences: [] });

  expect(await run(project, 'topology', 'check')).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/not replicated.*rabbitmq-queues grow/),
  });

  // Without a majority no one is served; the owner is still there.
  expect(await run(project, 'broker', 'freeze', '3')).toMatchObject({ code: 0 });
  expect(await states(project)).toEqual(['running', 'ended', 'frozen']);
  expect(await run(project, 'broker', 'freeze', '9')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/There is no node 9: the cluster has 3 nodes\./),
  });
  await run(project, 'broker', 'start', '3');
  await run(project, 'broker', 'start', '2');
  expect(await states(project)).toEqual(['running', 'running', 'running']);
  expect(await run(project, 'broker', '--nodes', '1')).toMatchObject({
    code: 69,
    stderr: expect.stringMatching(/of 3 nodes: stop it first/),
  });

  await run(project, 'broker', 'freeze', '1');
  owner.child.kill('SIGINT');
  expect(await owner.ended).toEqual([0, null]);
  expect(await processesOf(project)).toEqual([]);
});

it('ends with its owner, however that ends; one node takes no such order', async () => {
  const project = await newFolder();
  const cluster = start(project, ['broker', '--nodes', '3', '--port', '17672']);
  await expect.poll(() => cluster.printed.stdout).toContain('\n');
  expect(withoutPassword(cluster.printed.stdout.trim())).toBe(
    [17672, 17673, 17674].map((port) => `amqp://local@127.0.0.1:${port}`).join(', '),
  );
  cluster.child.kill('SIGKILL');
  await cluster.ended;
  await expect.poll(() => processesOf(project), { timeout: 60_000 }).toEqual([]);

  const single = start(project, ['broker']);
  await expect.poll(() => single.printed.stdout).toContain('\n');
  expect(await run(project, 'broker', 'kill', '1')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/is one node/),
  });
  single.child.kill('SIGINT');
  expect(await single.ended).toEqual([0, null]);
});
