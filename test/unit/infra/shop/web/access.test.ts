import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkFor, shortAddress } from '../../../../../infra/shop/web/addresses.js';
import { LinkBook } from '../../../../../infra/shop/web/links.js';
import { type Pass, signPass } from '../../../../../infra/shop/web/pass.js';
import { billed, told } from '../../../lib/shop/floor/messages.js';
import { HOUR_MS, SECRET, type Served, serve } from './serve.js';

const operator = { role: 'operator' } as const;
const customer = (id: string) => ({ role: 'customer', customer: id }) as const;

let served: Served;
beforeAll(async () => {
  served = await serve();
  served.shop.startOver([told('pick up', 'AX'), told('pick up', 'SECRET-2', 'customer-2'), billed('AX', 8)]);
});
afterAll(() => served.close());

const OF_OPERATOR = ['/floor', '/floor/snapshot', '/floor/live'];
const OF_CUSTOMER = ['/customers/customer-1', '/customers/customer-1/snapshot', '/customers/customer-1/live'];

describe('who is let in', () => {
  it.each([...OF_OPERATOR, ...OF_CUSTOMER])('nobody without a pass: %s', async (path) => {
    expect((await served.get(path)).status).toBe(401);
  });

  it('the operator, by the link that was printed; the token leaves the address at once', async () => {
    const link = new URL(linkFor(served.origin, operator, Date.now() + HOUR_MS, SECRET));
    const first = await served.get(`${link.pathname}${link.search}`);
    const second = await served.get(first.headers.location ?? '');
    expect(second).toMatchObject({ status: 303, headers: { location: '/floor' } });
    expect(second.headers['set-cookie']?.[0]).toMatch(/; Path=\/floor; HttpOnly; SameSite=Lax$/);
    expect((await served.get('/floor', { cookie: await served.open(operator) })).status).toBe(200);
  });

  it('the operator, by the short address, for twelve hours at least and a day at most', async () => {
    const now = Date.now();
    const opened = async (madeMs: number, secret = SECRET) => {
      const { pathname } = new URL(shortAddress(served.origin, secret, now + madeMs));
      expect(pathname).toMatch(/^\/open\/[\w-]{12}$/);
      return served.get(pathname);
    };
    const { status, headers } = await opened(0);
    expect({ status, location: headers.location }).toEqual({ status: 303, location: '/floor' });
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect((await served.get('/floor', { cookie })).status).toBe(200);
    expect((await opened(-12 * HOUR_MS)).status).toBe(303);
    expect((await opened(-24 * HOUR_MS)).status).toBe(401);
    expect((await opened(12 * HOUR_MS)).status).toBe(401);
    expect((await opened(0, Buffer.alloc(32, 8))).status).toBe(401);
    for (const code of ['', 'short', 'ü'.repeat(12)]) {
      expect((await served.get(`/open/${encodeURIComponent(code)}`)).headers['set-cookie']).toBeUndefined();
    }
  });

  it('a customer, to the own page and no other', async () => {
    const cookie = await served.open(customer('customer-1'));
    expect((await served.get('/customers/customer-1', { cookie })).status).toBe(200);
    expect((await served.get('/customers/customer-2', { cookie })).status).toBe(401);
    expect((await served.get('/customers/customer-1%2F..%2Fcustomer-2', { cookie })).status).toBe(401);
    expect((await served.get('/floor/snapshot', { cookie })).status).toBe(401);
  });

  it("a customer's cookie is sent to the own path only", async () => {
    const link = new URL(linkFor(served.origin, customer('customer 1/ü'), Date.now() + HOUR_MS, SECRET));
    const { headers } = await served.get(`${link.pathname}${link.search}`);
    expect(headers['set-cookie']?.[0]).toContain('; Path=/customers/customer%201%2F%C3%BC;');
    expect(headers.location).toBe('/customers/customer%201%2F%C3%BC');
  });

  const pass = (more: Partial<Pass>): Pass => ({ use: 'link', holder: operator, until: Date.now() + HOUR_MS, ...more });
  it.each([
    ['too old', signPass(pass({ until: Date.now() - 1 }), SECRET)],
    ['signed by another secret', signPass(pass({}), Buffer.alloc(32, 8))],
    ['made for a session', signPass(pass({ use: 'session' }), SECRET)],
    ["a customer's", signPass(pass({ holder: customer('customer-1') }), SECRET)],
    ['changed', signPass(pass({}), SECRET).replace(/^./, 'f')],
    ['cut off', signPass(pass({}), SECRET).slice(0, -1)],
    ['no pass', 'hello'],
    ['empty', ''],
  ])('nobody by a token that is %s', async (_, token) => {
    const answer = await served.get(`/floor?token=${token}`);
    expect(answer.status).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it("nobody by a link's token as a cookie", async () => {
    const name = (await served.open(operator)).split('=')[0];
    expect((await served.get('/floor', { cookie: `${name}=${signPass(pass({}), SECRET)}` })).status).toBe(401);
  });
});

describe('what a customer is sent', () => {
  it('is nothing of anyone else, in the snapshot or live', async () => {
    const cookie = await served.open(customer('customer-1'));
    const snapshot = await served.get('/customers/customer-1/snapshot', { cookie });
    expect(JSON.parse(snapshot.body).snapshot.received).toHaveLength(2);
    const listening = served.listen('/customers/customer-1/live', cookie, (text) => text.includes('LAST-1'));
    for (let round = 0; round < 20; round++) {
      served.shop.add([told('pick up', `SECRET-${round}`, 'customer-2'), billed('SECRET', 8, 'customer-2')]);
      served.shop.add([billed('SECRET', 8, 'customer-1', { customer: 'customer-2' })]);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    served.shop.add([told('pick up', 'LAST-1')]);
    for (const text of [snapshot.body, await listening]) {
      expect(text).not.toMatch(/SECRET|customer-2|worker/);
    }
  });

  it('has ten pages at most, which take the place of nobody else', async () => {
    const [one, other, floor] = [
      await served.open(customer('customer-1')),
      await served.open(customer('customer-2')),
      await served.open(operator),
    ];
    let done = false;
    const pages = Array.from({ length: 10 }, () => served.listen('/customers/customer-1/live', one, () => done));
    await vi.waitUntil(() => served.shop.customerPages === 10);
    expect((await served.get('/customers/customer-1/live', { cookie: one })).status).toBe(503);
    const isData = (text: string) => text.endsWith('\n\n');
    expect(await served.listen('/customers/customer-2/live', other, isData)).toContain('snapshot');
    expect(await served.listen('/floor/live', floor, isData)).toContain('snapshot');
    done = true;
    served.shop.add([told('pick up', 'LAST-2')]);
    await Promise.all(pages);
  });

  it('ends with the page that listened', async () => {
    await vi.waitUntil(() => served.shop.customerPages + served.shop.floorPages === 0);
  });

  it('is complete on the operator side', async () => {
    const cookie = await served.open(operator);
    expect(await served.listen('/floor/live', cookie, (text) => text.endsWith('\n\n'))).toContain('customer-2');
  });
});

describe('behind a proxy that speaks TLS', () => {
  const publicOrigin = 'https://shop.example';
  let behind: Served;
  beforeAll(async () => {
    behind = await serve({ publicOrigin });
  });
  afterAll(() => behind.close());
  const asPublic = { host: 'shop.example' };

  it('the public name is answered, and loopback for those on the machine, and no other', async () => {
    expect((await behind.get('/healthz', asPublic)).status).toBe(200);
    expect((await behind.get('/healthz')).status).toBe(200);
    for (const host of ['evil.example', 'shop.example:8080', 'shop.example.']) {
      expect((await behind.get('/healthz', { host })).status).toBe(421);
    }
    expect((await behind.get('/healthz', { ...asPublic, origin: publicOrigin })).status).toBe(200);
    for (const origin of ['http://shop.example', 'https://evil.example', 'null']) {
      expect((await behind.get('/healthz', { ...asPublic, origin })).status).toBe(403);
    }
  });

  it('cookies are for TLS alone, and links that the floor gives have the public name', async () => {
    const { pathname } = new URL(shortAddress(publicOrigin, SECRET, Date.now()));
    const { headers } = await behind.get(pathname, asPublic);
    expect(headers['set-cookie']?.[0]).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const customers = await behind.get('/floor/customer?name=customer-1', { ...asPublic, cookie });
    expect(customers.headers.location).toMatch(/^https:\/\/shop\.example\/customers\/customer-1\?token=/);
  });

  it('what is counted is for this machine alone', async () => {
    expect((await behind.get('/metrics', asPublic)).status).toBe(404);
    expect((await behind.get('/metrics')).status).toBe(200);
  });
});

describe('who did what', () => {
  let own: Served;
  beforeEach(async () => {
    own = await serve();
  });
  afterEach(() => own.close());

  const linesOf = (code: string) => own.log.of(code as never).map((details) => JSON.parse(details));

  it('a link that is made on the floor is kept with its maker; revoked, it opens nothing, and its session is over', async () => {
    const floor = await own.open(operator);
    const [{ by: session }] = linesOf('let-in');
    const made = await own.get('/floor/customer?name=customer-1', { cookie: floor });
    const [link] = own.links.all();
    expect(link).toMatchObject({ customer: 'customer-1', by: `the shop floor, session ${session}` });
    expect(linesOf('link-made')).toMatchObject([{ id: link?.id, by: link?.by }]);

    const { pathname, search } = new URL(made.headers.location ?? '');
    const { headers } = await own.get(`${pathname}${search}`);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const page = () => own.get('/customers/customer-1', { cookie });
    expect((await page()).status).toBe(200);
    expect(linesOf('let-in').at(-1)).toMatchObject({ by: link?.id, customer: 'customer-1' });
    expect(await own.links.revoke('unknown', 'a test', Date.now())).toBeUndefined();
    await own.links.revoke(link?.id ?? '', 'a test', Date.now());
    expect((await page()).status).toBe(401);
    expect((await own.get(`${pathname}${search}`)).status).toBe(401);
    expect(linesOf('link-refused')).toMatchObject([{ role: 'customer', customer: 'customer-1', times: 1 }]);
    expect(own.links.all()).toMatchObject([{ revoked: { by: 'a test' } }]);
  });

  it('links that are refused by the thousand are few lines', async () => {
    for (let n = 0; n < 50; n++) await own.get('/floor?token=forged');
    expect(linesOf('link-refused').length).toBeLessThan(50);
  });

  it('an act is told with the session that it is of', async () => {
    const cookie = await own.open(operator);
    const [{ by }] = linesOf('let-in');
    const headers = { cookie, origin: own.origin, 'content-type': 'application/json' };
    const asked = { method: 'POST' };
    expect((await own.get('/floor/acts/redrive', headers, asked, '{"ids":["a"]}')).status).toBe(202);
    expect((await own.get('/floor/acts/events', headers, asked, '{}')).status).toBe(202);
    expect(linesOf('operator-acts')).toMatchObject([
      { by, what: 'redrive', which: ['a'], started: true },
      { by, what: 'send events' },
    ]);
  });
});

it('a book of links with lines of others reads those that are its own, also from another process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'links-'));
  const [one, other] = [new LinkBook(folder), new LinkBook(folder)];
  expect(one.all()).toEqual([]);
  const link = await one.add({ customer: 'ada', by: 'me', at: 1, until: 2 });
  // A word that a command accepts: without a leading dash.
  expect(link.id).toMatch(/^[0-9a-f]{12}$/);
  appendFileSync(join(folder, 'links.jsonl'), 'nonsense\n{"kind":"revoked"}\n');
  expect(statSync(join(folder, 'links.jsonl')).mode & 0o777).toBe(0o600);
  expect(other.all()).toEqual([link]);
  await other.revoke(link.id, 'you', 3);
  await vi.waitUntil(() => one.isRevoked(link.id));
  rmSync(folder, { recursive: true });
});
