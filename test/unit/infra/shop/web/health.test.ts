import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Served, serve } from './serve.js';

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served.close());

it('is up at once, and ready while the broker is there', async () => {
  expect(await served.get('/healthz')).toMatchObject({ status: 200, body: '{"status":"up"}' });
  expect(await served.get('/readyz')).toMatchObject({ status: 503 });
  served.shop.updateStatus({ connected: true });
  expect(await served.get('/readyz')).toMatchObject({ status: 200, body: '{"status":"ready"}' });
  served.shop.updateStatus({ connected: false });
  expect(await served.get('/readyz')).toMatchObject({ status: 503, body: '{"status":"waiting for the broker"}' });
});

it('gives its metrics to whoever is on this machine and asks for it by its name', async () => {
  expect(await served.get('/metrics')).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: expect.stringContaining('smart_shopping_broker_connected 0'),
  });
  expect(await served.get('/metrics', { host: 'evil.example' })).toMatchObject({ status: 421 });
});
