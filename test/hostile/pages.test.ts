import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Holder } from '../../infra/shop/web/pass.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { openShop, type Shop } from '../support/system/shop.js';

const STREAMS = 2_000;
const DATABASE = {
  customers_database: { 'customer-1': 'AX-123', 'customer-2': 'BX-123' },
  cost_per_unit: 2,
  number_of_units: 5,
};
const OPERATOR: Holder = { role: 'operator' };

let shop: Shop;
const open: ClientRequest[] = [];

beforeAll(async () => {
  shop = await openShop(DATABASE, recordingLog());
});

afterAll(async () => {
  for (const request of open) request.destroy();
  await shop.close();
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string;
}

function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (text) => {
        body += text;
      });
      response.on('error', reject).on('end', () => resolve(answered(response, body)));
    }).on('error', reject);
  });
}

function answered({ statusCode = 0, headers }: IncomingMessage, body: string): Answer {
  return { status: statusCode, body, cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

async function sessionOf(holder: Holder): Promise<string> {
  return (await ask(shop.link(holder).replace('/?', '/floor?'))).cookie;
}

/** An event stream that stays open; returns the server's answer, or nothing if it ends the connection. */
function stream(url: string, cookie: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { headers: { cookie }, agent: false }, (response) => {
      response.on('error', () => undefined).resume();
      resolve(response.statusCode);
    });
    request.on('error', () => resolve(undefined));
    open.push(request);
  });
}

it(`${STREAMS} event streams of one customer shut out neither operators nor other customers, and are forgotten when they close`, async () => {
  const { origin } = new URL(shop.link(OPERATOR));
  const [operator, first, second] = await Promise.all(
    [OPERATOR, { role: 'customer', customer: 'customer-1' }, { role: 'customer', customer: 'customer-2' }].map(
      (holder) => sessionOf(holder as Holder),
    ),
  );
  const live = (customer: string) => `${origin}/customers/${customer}/live`;
  const statuses: (number | undefined)[] = [];
  for (let begun = 0; begun < STREAMS; begun += 100) {
    statuses.push(...(await Promise.all(Array.from({ length: 100 }, () => stream(live('customer-1'), first ?? '')))));
  }
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(10);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
  expect(await stream(live('customer-2'), second ?? '')).toBe(200);
  expect(await stream(`${origin}/floor/live`, operator ?? '')).toBe(200);
  expect((await ask(`${origin}/floor/snapshot`, { cookie: operator ?? '' })).status).toBe(200);
  await shop.see('pick up', 'AX-123');
  await expect
    .poll(async () => (await ask(`${origin}/floor/snapshot`, { cookie: operator ?? '' })).body)
    .toContain('AX-123');

  for (const request of open.splice(0)) request.destroy();
  await expect.poll(() => stream(live('customer-1'), first ?? '')).toBe(200);
});

it('no forged pass, name, origin or path is let in', async () => {
  const { origin } = new URL(shop.link(OPERATOR));
  const port = new URL(origin).port;
  const token = new URL(shop.link({ role: 'customer', customer: 'customer-1' })).searchParams.get('token') ?? '';
  const [payload = '', signature = ''] = token.split('.');
  const forged = [
    `${payload}.`,
    `.${signature}`,
    `${payload}.${signature.slice(0, -2)}AA`,
    `${Buffer.from('{"role":"operator"}').toString('base64url')}.${signature}`,
    token.toUpperCase(),
    'x'.repeat(10_000),
  ];
  for (const wrong of forged) {
    const { status, cookie } = await ask(`${origin}/floor?token=${encodeURIComponent(wrong)}`);
    expect({ status, cookie }, wrong.slice(0, 100)).toEqual({ status: 401, cookie: '' });
  }
  // Another site's name that leads to this machine.
  expect((await ask(`${origin}/floor`, { host: `evil.example:${port}` })).status).toBe(421);
  const operator = await sessionOf(OPERATOR);
  for (const path of [
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/server.js',
    '/floor/../../etc/passwd',
    '/%00',
  ]) {
    expect([400, 401, 404]).toContain((await ask(`${origin}${path}`, { cookie: operator })).status);
  }
});
