import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { createServer, type RequestOptions, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../infra/broker/free-ports.js';
import { type Certificate, newCertificate } from '../support/broker/tls.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, useSharedBroker, start } = commandsPerTest();

let certificate: Certificate;
let proxy: Server;
let backend: number;

/** A typical proxy in front of a server: it uses TLS, and passes on the `Host` header. */
beforeEach(async () => {
  certificate = await newCertificate(folder(), { name: 'proxy', dns: 'localhost', ip: '127.0.0.1' });
  backend = await freePort();
  const { cert, key } = certificate;
  proxy = createServer({ cert, key }, (asked, answer) => {
    const { method, url, headers } = asked;
    const passed = plainRequest({ host: '127.0.0.1', port: backend, method, path: url, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});

afterEach(() => proxy.close());

const publicOrigin = (): string => `https://localhost:${(proxy.address() as AddressInfo).port}`;

async function ask(path: string, options: RequestOptions = {}, body = '') {
  const asking = request(new URL(path, publicOrigin()), { ca: certificate.cert, agent: false, ...options });
  asking.end(body);
  const [answer] = await once(asking, 'response');
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

const JSON_BODY = { 'content-type': 'application/json' };

it('the pages are opened, looked at and acted on by their public name, and by no other page', async () => {
  await useSharedBroker();
  const pages = start('smart-shopping', ['web', '--port', `${backend}`, '--origin', publicOrigin()]);
  await expect.poll(pages.stdout).toMatch(/\n/);
  const address = new URL(pages.stdout().trim());
  expect(address.origin).toBe(publicOrigin());
  const opened = await ask(address.pathname);
  expect(opened.headers['set-cookie']?.[0]).toContain('; Secure');
  const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect((await ask('/floor/snapshot', { headers: { cookie } })).status).toBe(200);
  const act = (origin: string) =>
    ask('/floor/acts/redrive', { method: 'POST', headers: { ...JSON_BODY, cookie, origin } }, '{"all":true}');
  expect((await act('https://evil.example')).status).toBe(403);
  expect((await act(publicOrigin())).status).toBe(202);
  await expect.poll(pages.stderr).toMatch(/an operator acts \(by \S+, what redrive/);
  expect((await ask('/metrics')).status).toBe(404);
  expect((await fetch(`http://127.0.0.1:${backend}/metrics`)).status).toBe(200);
  pages.process.kill('SIGTERM');
  expect(await pages.ended).toBe(0);
});

it('the sensor takes events by its public name, from its own pages and from programs', async () => {
  await useSharedBroker();
  const declared = start('smart-shopping', ['topology', 'declare']);
  expect(await declared.ended).toBe(0);
  const sensor = start('smart-shopping', ['sensor', '--port', `${backend}`, '--origin', publicOrigin()]);
  await expect.poll(sensor.stdout).toBe(`${publicOrigin()}/shopping-events\n`);
  const event = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };
  const send = (headers: Record<string, string>) =>
    ask('/shopping-events', { method: 'POST', headers: { ...JSON_BODY, ...headers } }, JSON.stringify(event));
  expect((await send({})).status).toBe(202);
  expect((await send({ origin: publicOrigin() })).status).toBe(202);
  expect((await send({ origin: 'https://evil.example' })).status).toBe(403);
  sensor.process.kill('SIGTERM');
  expect(await sensor.ended).toBe(0);
});
