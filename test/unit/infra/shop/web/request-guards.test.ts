import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serve } from './serve.js';

let served: Served;
let cookie: string;
beforeAll(async () => {
  served = await serve();
  cookie = await served.open({ role: 'operator' });
});
afterAll(() => served.close());

describe('the web server', () => {
  it.each(['evil.example', '127.0.0.1:1', 'localhost'])('is closed to the name %s', async (host) => {
    expect((await served.get('/floor', { cookie, host })).status).toBe(421);
  });

  it('is open to the names of loopback', async () => {
    const { port } = new URL(served.origin);
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      expect((await served.get('/floor', { cookie, host: `${name}:${port}` })).status).toBe(200);
    }
  });

  it.each(['http://evil.example', 'http://127.0.0.1:1', 'null'])('is closed to the origin %s', async (origin) => {
    expect((await served.get('/floor/snapshot', { cookie, origin })).status).toBe(403);
  });

  it('is open to our own pages', async () => {
    expect((await served.get('/floor/snapshot', { cookie, origin: served.origin })).status).toBe(200);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('lets nothing be changed: %s', async (method) => {
    const answer = await served.get('/floor', { cookie }, { method });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it('does not read what a request brings', async () => {
    expect((await served.get('/floor', { cookie, 'content-length': '5' })).status).toBe(413);
    const asked = request(`${served.origin}/floor`, { method: 'POST', headers: { cookie }, agent: false });
    asked.on('error', () => undefined);
    let sent = 0;
    const megabyte = Buffer.alloc(1_000_000);
    const send = (): void => {
      if (asked.destroyed || sent >= 200_000_000) return;
      sent += megabyte.length;
      asked.write(megabyte, send);
    };
    send();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(405);
    answer.resume();
    await once(answer, 'close');
    asked.destroy();
    expect(sent).toBeLessThan(100_000_000);
  });

  it('is closed to headers without end', async () => {
    expect((await served.get('/floor', { cookie, 'x-long': 'x'.repeat(20_000) })).status).toBe(431);
  });

  it('gives every answer a strict content security policy, and no referrer', async () => {
    for (const path of ['/floor', '/floor/snapshot', '/nowhere', '/customers/customer-1']) {
      const { headers } = await served.get(path, { cookie });
      expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
    }
  });

  it('leads to no file but the built ones', async () => {
    for (const path of [
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2e%2e/package.json',
      '/floor.html',
      '/package.json',
    ]) {
      expect((await served.get(path, { cookie })).status).toBe(404);
    }
  });
});
