import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Child, processesOf } from '../support/system/child.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, useSharedBroker, start } = commandsPerTest();

async function serve(...args: string[]): Promise<{ pages: Child; address: string }> {
  const pages = start('smart-shopping', ['web', ...args]);
  await expect.poll(pages.stdout).toMatch(/\n/);
  return { pages, address: pages.stdout().trim() };
}

async function linkOf(customer: string): Promise<string> {
  const link = start('smart-shopping', ['customer-link', customer, '--json']);
  expect({ code: await link.ended, stderr: link.stderr() }).toEqual({ code: 0, stderr: '' });
  return (link.results()[0] as { url: string }).url;
}

/** Opens an address as a browser does; gives the cookie, if it gets one. */
async function open(address: string): Promise<string | undefined> {
  const answer = await fetch(address, { redirect: 'manual' });
  const [cookie] = answer.headers.getSetCookie();
  const next = answer.headers.get('location');
  if (cookie !== undefined || next === null) return cookie?.split(';')[0];
  return open(new URL(next, address).href);
}

async function told(address: string, path: string, cookie: string | undefined): Promise<unknown> {
  const answer = await fetch(new URL(path, address), { headers: { cookie: cookie ?? '' } });
  return answer.status === 200 ? ((await answer.json()) as { snapshot: unknown }).snapshot : answer.status;
}

describe('the pages as a process of their own', () => {
  it('open with the printed addresses, show what workers elsewhere do, and know an open session after a restart', async () => {
    await useSharedBroker();
    const worker = start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue']);
    await expect.poll(worker.stderr).toContain('worker01 is ready');
    const { pages, address } = await serve('--port', '0');
    expect(statSync(join(folder(), '.smart-shopping', 'web-secret')).mode & 0o777).toBe(0o600);
    const operator = await open(address);
    const [one, two] = [await linkOf('customer-1'), await linkOf('customer-2')];
    const [cookieOfOne, cookieOfTwo] = [await open(one), await open(two)];

    const produced = start('produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1']);
    expect(await produced.ended).toBe(0);
    const basketOfOne = () => told(address, '/customers/customer-1/snapshot', cookieOfOne);
    await expect.poll(basketOfOne).toMatchObject({ basket: [{ product: 'AX-123' }] });
    expect(await told(address, '/floor/snapshot', operator)).toMatchObject({ totals: { pickUps: 1 } });
    expect(await told(address, '/customers/customer-2/snapshot', cookieOfTwo)).toMatchObject({
      basket: [],
      received: [],
    });
    expect(await told(address, '/customers/customer-1/snapshot', cookieOfTwo)).toBe(401);
    expect(await told(address, '/floor/snapshot', cookieOfOne)).toBe(401);

    pages.process.kill('SIGINT');
    expect(await pages.ended).toBe(0);
    const again = await serve('--port', new URL(address).port);
    await expect.poll(basketOfOne).toMatchObject({ basket: [{ product: 'AX-123' }] });
    const printed = async () => {
      const child = start('smart-shopping', ['web', '--address']);
      return { code: await child.ended, stdout: child.stdout().trim(), stderr: child.stderr() };
    };
    expect(await printed()).toEqual({ code: 0, stdout: again.address, stderr: '' });
    expect(await open(again.address)).toBeDefined();
    again.pages.process.kill('SIGTERM');
    await again.pages.ended;
    expect(await printed()).toMatchObject({ code: 1, stderr: expect.stringContaining('No pages are served here') });
    const everywhere = await serve('--port', '0', '--host', '0.0.0.0');
    expect(everywhere.address).not.toContain('0.0.0.0');
    expect(await open(everywhere.address)).toBeDefined();
    for (const child of [everywhere.pages, again.pages, worker]) {
      child.process.kill('SIGTERM');
      expect(await child.ended).toBe(0);
    }
    expect([pages.stderr(), again.pages.stderr()].join()).not.toMatch(/token|open\//);
    expect(processesOf(folder())).toEqual([]);
  });

  it('say in one line what is wrong', async () => {
    const failing = async (...args: string[]) => {
      const child = start('smart-shopping', args);
      return { code: await child.ended, stdout: child.stdout(), line: child.stderr().trimEnd() };
    };
    const line = (text: string) => expect.stringMatching(new RegExp(`^[^\\n]*${text}[^\\n]*$`));
    expect(await failing('web')).toEqual({ code: 69, stdout: '', line: line('No RabbitMQ') });
    expect(await failing('web', '--port', 'x')).toMatchObject({ code: 2, stdout: '' });
    expect(await failing('customer-link', 'nobody')).toEqual({ code: 2, stdout: '', line: line('nobody') });
    expect(await failing('customer-link', 'customer-1', '--hours', '0')).toMatchObject({ code: 2, stdout: '' });
    expect(await failing('customer-link', 'customer-1', '--origin', 'x')).toMatchObject({ code: 2, stdout: '' });

    await useSharedBroker();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    expect(await failing('web', '--port', `${port}`)).toEqual({
      code: 1,
      stdout: '',
      line: line(`port ${port} is taken; --port`),
    });
    taken.close();
  });
});
