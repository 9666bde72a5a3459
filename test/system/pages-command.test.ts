import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { newCertificate } from '../support/broker/tls.js';
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

/** Opens an address as a browser does; returns the cookie, if it gets one. */
async function open(address: string): Promise<string | undefined> {
  const answer = await fetch(address, { redirect: 'manual' });
  const [cookie] = answer.headers.getSetCookie();
  const next = answer.headers.get('location');
  if (cookie !== undefined || next === null) return cookie?.split(';')[0];
  return open(new URL(next, address).href);
}

/** The answer to a client that trusts only this authority. */
async function overTls(address: string, ca: string): Promise<string> {
  const asking = request(address, { ca }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return text(answer);
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
    const certificate = await newCertificate(folder(), { name: 'pages', ip: '127.0.0.1' });
    const files = ['--tls-cert', certificate.certFile, '--tls-key', certificate.keyFile];
    const everywhere = await serve('--port', '0', '--host', '0.0.0.0', ...files);
    expect(everywhere.address).toMatch(/^https:/);
    expect(everywhere.address).not.toContain('0.0.0.0');
    const { port } = new URL(everywhere.address);
    expect(await overTls(`https://127.0.0.1:${port}/healthz`, certificate.cert)).toBe('{"status":"up"}');
    expect(await printed()).toMatchObject({ code: 0, stdout: everywhere.address });
    for (const child of [everywhere.pages, again.pages, worker]) {
      child.process.kill('SIGTERM');
      expect(await child.ended).toBe(0);
    }
    expect([pages.stderr(), again.pages.stderr()].join()).not.toMatch(/token|open\//);
    expect(processesOf(folder())).toEqual([]);
  });

  it('tell which links were made, and by whom, and take one back', async () => {
    await useSharedBroker();
    const { address, pages } = await serve('--port', '0');
    const link = await linkOf('customer-1');
    const asked = async (...args: string[]) => {
      const child = start('smart-shopping', ['customer-link', ...args]);
      return { code: await child.ended, stdout: child.stdout(), stderr: child.stderr() };
    };
    const listed = JSON.parse((await asked('--list', '--json')).stdout) as { id: string };
    expect(listed).toMatchObject({ customer: 'customer-1', by: expect.stringContaining('with customer-link') });
    const cookie = await open(link);
    expect(await told(address, '/customers/customer-1/snapshot', cookie)).toBeTypeOf('object');
    const { id } = listed;
    expect(await asked('--revoke', id)).toMatchObject({ code: 0, stderr: expect.stringContaining('is revoked') });
    await expect.poll(() => told(address, '/customers/customer-1/snapshot', cookie)).toBe(401);
    expect(await open(link)).toBeUndefined();
    await expect.poll(pages.stderr).toContain('a link was refused');
    expect((await asked('--list')).stdout).toContain('revoked');
    expect(await asked('--revoke', 'unknown')).toMatchObject({ code: 1 });
    for (const wrong of [[], ['customer-1', '--list'], ['--list', '--revoke', id]]) {
      expect(await asked(...wrong)).toMatchObject({
        code: 2,
        stderr: 'Name one customer, or pass --list or --revoke <id>.\n',
      });
    }
    pages.process.kill('SIGTERM');
    await pages.ended;
  });

  it('are served to other machines over TLS only, by themselves or by a proxy', async () => {
    await useSharedBroker();
    const refused = async (command: string, ...args: string[]) => {
      const child = start('smart-shopping', [command, '--port', '0', ...args]);
      return { code: await child.ended, line: child.stderr().trimEnd() };
    };
    for (const command of ['web', 'sensor']) {
      const bare = await refused(command, '--host', '0.0.0.0');
      expect(bare).toMatchObject({
        code: 2,
        line: expect.stringContaining('--tls-cert and --tls-key, or the --origin'),
      });
      for (const origin of ['http://shop.example', 'https://shop.example/path', 'shop.example']) {
        expect(await refused(command, '--host', '0.0.0.0', '--origin', origin)).toMatchObject({ code: 2 });
      }
      expect(await refused(command, '--tls-cert', 'x.pem')).toMatchObject({ code: 2 });
    }
    const { address, pages } = await serve('--port', '0', '--host', '0.0.0.0', '--origin', 'https://shop.example');
    expect(address).toMatch(/^https:\/\/shop\.example\/open\//);
    pages.process.kill('SIGTERM');
    await pages.ended;
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
      line: line(`port ${port} is in use; choose another with --port`),
    });
    taken.close();
  });
});
