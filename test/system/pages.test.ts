import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKER_STATUS } from '../../lib/shop/domain/topology.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { openBrowser, type Visit, visit } from '../support/system/browser.js';
import { openShop, type Shop } from '../support/system/shop.js';
import { parseExposition } from '../unit/infra/shop/web/exposition.js';
import { invocationOf } from '../unit/lib/runner-status/statuses.js';

const HOSTILE_CUSTOMER = '<img src=x onerror="window.hacked=1">';
const HOSTILE_PRODUCT = '<script>window.hacked=1</script>';
const DATABASE = {
  customers_database: {
    'customer-1': ['AX-123', 'AX-124'],
    'customer-2': 'BX-123',
    [HOSTILE_CUSTOMER]: HOSTILE_PRODUCT,
  },
  cost_per_unit: 3.35,
  number_of_units: 7,
};
const operator = { role: 'operator' } as const;
const customer = (id: string) => ({ role: 'customer', customer: id }) as const;

const log = recordingLog();
let shop: Shop;
let browser: Browser;
beforeAll(async () => {
  [shop, browser] = await Promise.all([openShop(DATABASE, log), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

const basketOf = (page: Page) => page.getByRole('region', { name: 'In your basket' });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
/** Its parts: what the customer does, and the product. */
const sensorOf = (page: Page) => {
  const sensor = panel(page, 'Be the sensor');
  const [what, product] = [/^What/, 'Product'].map((name) => sensor.getByRole('combobox', { name })) as [
    Locator,
    Locator,
  ];
  return { sensor, what, product, send: sensor.getByRole('button', { name: 'Send', exact: true }) };
};
const details = (page: Page) => panel(page, 'Details');
const opener = (row: Locator) => row.getByRole('button', { name: /^(Details|Invocation) of/ });

async function visiting(url: string, look: (visited: Visit) => Promise<void>): Promise<void> {
  const visited = await visit(browser, url);
  await look(visited);
  await visited.leave();
}

describe("the customer's page", () => {
  it('shows a pick up as it happens, then the bill, and both after a reload; nobody else is told', async () => {
    const other = await visit(browser, shop.link(customer('customer-2')));
    await visiting(shop.link(customer('customer-1')), async ({ page, complaints }) => {
      await shop.see('pick up', 'AX-123');
      await basketOf(page).getByText('AX-123').waitFor();
      await shop.see('purchase', 'AX-123');
      const bill = page.getByRole('article', { name: 'Bill for AX-123' });
      await bill.getByText('18.76').waitFor();
      expect(await bill.textContent()).toMatch(/7 units at 3.35\s*23.45\s*Smart shopper, less 20 %\s*−4.69/);
      await basketOf(page).getByText('Nothing yet').waitFor();
      await page.reload();
      await bill.getByText('18.76').waitFor();
      await page.getByText('You picked up AX-123').waitFor();
      expect(page.url()).not.toContain('token');
      expect(complaints).toEqual([]);
    });
    await other.page.getByText('No bills yet').waitFor();
    expect(other.wire.length).toBeGreaterThan(0);
    expect(other.wire.join()).not.toMatch(/AX-123|customer-1/);
    await other.leave();
  });

  it('opens with the link only', async () => {
    const page = await browser.newPage();
    const answer = await page.goto(new URL('/customers/customer-1', shop.link(operator)).href);
    expect(answer?.status()).toBe(401);
    expect(await page.textContent('h1')).toBe('This page opens with a link');
    await page.close();
  });
});

describe('the shop floor', () => {
  it('shows an unknown product under dead letters, with its reason, payload and properties', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      await shop.see('pick up', 'NOBODYS-1');
      const letters = panel(page, 'Refused events');
      const row = letters.getByRole('row').filter({ hasText: 'NOBODYS-1' });
      await row.getByText('unknown product').waitFor();
      await opener(row).focus();
      await page.keyboard.press('Enter');
      await details(page).getByText('"product_number": "NOBODYS-1"').waitFor();
      await details(page).getByText('from exchange shopping_events_exchange').waitFor();
      await page.keyboard.press('Escape');
      await details(page).waitFor({ state: 'detached' });
      expect(await opener(row).and(page.locator(':focus')).count()).toBe(1);
    });
  });

  it('says why as the worker did, whatever the database says since, and again where a redriven event is refused', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      const letters = panel(page, 'Refused events');
      const rowOf = (reason: string) => letters.getByRole('row').filter({ hasText: 'LATER-1' }).getByText(reason);
      await shop.see('purchase', 'LATER-1');
      await rowOf('unknown product').waitFor();
      shop.learn({ ...DATABASE, customers_database: { ...DATABASE.customers_database, ada: 'LATER-1' } });
      await shop.restartPages();
      await shop.redrive();
      await rowOf('sent back, refused again: purchase without pick up').waitFor();
      await opener(letters.getByRole('row').filter({ hasText: 'LATER-1' })).click();
      const steps = details(page).getByRole('list', { name: 'What happened to it' }).getByRole('listitem');
      await expect
        .poll(async () => (await steps.allInnerTexts()).map((step) => step.replace(/^[\d:.]+ /, '')))
        .toEqual([
          'refused: unknown product',
          'sent back by the test',
          'refused: purchase without pick up',
          'It waits among the dead letters.',
        ]);
      shop.learn(DATABASE);
    });
  });

  it('tells of an event that a program which is not ours refused without writing it down', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      await shop.refuse({ event_type: 'pick up', product_number: 'FOREIGN-1', timestamp: '2026-01-01T10:00:00' });
      await panel(page, 'Refused events').getByText('Waiting beside those of the log: 1.').waitFor();
    });
  });

  it('shows open baskets, bills, queues and workers', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      for (const type of ['pick up', 'purchase'] as const) await shop.see(type, 'AX-123');
      await shop.see('pick up', 'BX-123');
      await panel(page, 'Open baskets')
        .getByRole('row')
        .filter({ hasText: 'BX-123' })
        .getByText('customer-2')
        .waitFor();
      await panel(page, 'Bills').getByRole('row').filter({ hasText: 'AX-123' }).getByText('18.76').first().waitFor();
      await panel(page, 'Queues')
        .getByRole('row')
        .filter({ hasText: 'worker01_queue' })
        .getByText('worker01 active')
        .waitFor();
      await panel(page, 'Products by worker').getByText('worker02').waitFor();
    });
  });

  it('tells which worker has a product, and the broker gives it to that one', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      // The paths of products show in which order the queues were bound.
      const strangers = Array.from({ length: 10 }, (_, index) => `SEEN-${index}`);
      for (const product of strangers) await shop.see('pick up', product);
      await panel(page, 'Refused events').getByText('SEEN-9', { exact: true }).waitFor();
      const spread = panel(page, 'Products by worker');
      for (const product of ['OWNED-1', 'OWNED-2', 'OWNED-3', 'OWNED-4']) {
        await spread.getByRole('textbox').fill(product);
        await page.keyboard.press('Enter');
        const answer = spread.getByText(
          new RegExp(`^worker0[12] has ${product}, .* all \\d+ products seen so far agree`),
        );
        await answer.waitFor();
        const [owner] = (await answer.textContent())?.split(' ') ?? [];
        await shop.see('pick up', product);
        const letter = panel(page, 'Refused events').getByRole('row').filter({ hasText: product });
        await letter.getByText(String(owner)).waitFor();
      }
    });
  });

  it('sends dead letters back: one, then all; once the customer is known, the bill comes', async () => {
    const mine = await visit(browser, shop.link(customer('ada')));
    await visiting(shop.link(operator), async ({ page, complaints }) => {
      const letters = panel(page, 'Refused events');
      const row = (product: string) => letters.getByRole('row').filter({ hasText: product }).first();
      const sensor = sensorOf(page);
      for (const [what, product] of [
        ['pick up', 'ADAS-1'],
        ['purchase', 'ADAS-1'],
        ['pick up', 'NEVER-1'],
      ] as const) {
        await sensor.what.selectOption(what);
        await sensor.product.fill(product);
        await sensor.send.click();
        await sensor.sensor.getByText(`Sent: ${what} ${product}.`).waitFor();
        await letters.getByRole('row').filter({ hasText: product }).filter({ hasText: what }).waitFor();
      }
      shop.learn({ ...DATABASE, customers_database: { ...DATABASE.customers_database, ada: 'ADAS-1' } });
      const pickUp = letters.getByRole('row').filter({ hasText: 'ADAS-1' }).filter({ hasText: 'pick up' });
      await pickUp.getByRole('button', { name: 'Send back ADAS-1' }).click();
      await letters.getByText('1 of 1 sent back.').waitFor();
      await letters.getByRole('button', { name: /^Sent back/ }).click();
      await pickUp.getByText('sent back; was refused: unknown product').waitFor();
      await expect.poll(() => page.url()).toMatch(/\?letters=sent\+back$/);
      await letters.getByRole('button', { name: /^Waiting/ }).click();
      await basketOf(mine.page).getByText('ADAS-1').waitFor();

      await letters.getByRole('button', { name: 'Send all back' }).click();
      await letters.getByText(/^([0-9]+) of \1 sent back\.$/).waitFor();
      await mine.page.getByRole('article', { name: 'Bill for ADAS-1' }).waitFor();
      shop.learn(DATABASE);
      // No part of its path is lost.
      await panel(page, 'Live feed').getByRole('button', { name: 'Details of ADAS-1 billed' }).click();
      const way = details(page).getByRole('table', { name: /^Hop by hop/ });
      await way.getByText('sent back by the shop floor').waitFor();
      const hops = await way.locator('tbody td:first-child').allInnerTexts();
      expect(hops.slice(hops.indexOf('refused'), hops.indexOf('refused') + 4)).toEqual([
        'refused',
        'waited as a dead letter',
        'on its way',
        'decided',
      ]);
      await page.keyboard.press('Escape');

      await row('NEVER-1').getByText('sent back, refused again: unknown product').waitFor();
      await letters.getByRole('button', { name: /^Drop all/ }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await letters.getByRole('button', { name: /^Drop all/ }).click();
      await page
        .getByRole('dialog')
        .getByText(/^Drop [0-9]+ refused events for good/)
        .waitFor();
      await page.getByRole('button', { name: 'Drop them' }).click();
      await letters.getByText(/^([0-9]+) of \1 dropped\.$/).waitFor();
      await letters.getByRole('button', { name: /^Dropped/ }).click();
      await row('NEVER-1').getByText('dropped; was refused: unknown product').waitFor();
      await letters.getByText(/^0 waiting/).waitFor();
      expect(complaints).toEqual([]);
    });
    await mine.leave();
  });

  it('says what is wrong with an event, and sends nothing', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      const { sensor, product, send } = sensorOf(page);
      await product.fill('é'.repeat(200));
      await send.click();
      await sensor.getByText(/255 bytes/).waitFor();
    });
  });

  it('helps whoever plays the sensor: what is known of a product, both events at once, an unknown one, a burst', async () => {
    await visiting(shop.link(operator), async ({ page, complaints }) => {
      const { sensor, product, send } = sensorOf(page);
      const bills = panel(page, 'Bills').getByRole('row').filter({ hasText: 'customer-2' });
      await product.fill(' BX-123');
      await sensor.getByText(/^BX-123 is (for customer-2, and on the shelf|in customer-2's basket)\.$/).waitFor();
      await sensor.getByRole('button', { name: 'Pick up and purchase BX-123' }).click();
      await bills.first().waitFor();
      await sensor.getByText('BX-123 is for customer-2, and on the shelf.').waitFor();
      await send.click();
      await sensor.getByText("BX-123 is in customer-2's basket.").waitFor();
      await product.fill('NOBODY-KNOWS');
      await sensor.getByText('NOBODY-KNOWS is unknown: a worker will refuse it.').waitFor();
      await sensor.getByRole('button', { name: 'An unknown product' }).click();
      await panel(page, 'Refused events').getByText('UNKNOWN-1', { exact: true }).first().waitFor();
      await product.fill('customer-2');
      await expect.poll(() => sensor.locator('option[value="BX-123"]').count()).toBe(1);
      expect(await sensor.locator('datalist option').count()).toBe(1);
      const billed = async () =>
        Number(
          (await page.locator('.figure', { hasText: 'Bills' }).locator('dd').first().textContent())?.replace(',', ''),
        );
      const before = await billed();
      await sensor.getByRole('button', { name: 'A burst of 500' }).click();
      await expect.poll(billed).toBe(before + 250);
      expect(complaints).toEqual([]);
    });
  });

  it('shows every worker: one that stands by, one with a queue of its own, how fast it is, and that it leaves', async () => {
    const fire = await shop.hire('spare', 'worker01_queue');
    await visiting(shop.link(operator), async ({ page }) => {
      await page.locator('.link-live').waitFor();
      const hiring = shop.hire('anna', 'worker03_queue');
      const news = page.getByText('The products are being redistributed among worker01, worker02, and worker03.');
      await news.waitFor();
      const dismiss = await hiring;
      await news.waitFor({ state: 'detached' });
      const row = (queue: string) => panel(page, 'Queues').getByRole('row').filter({ hasText: queue });
      await row('worker01_queue').getByText('worker01 active').waitFor();
      await row('worker01_queue').getByText('spare standing by').waitFor();
      await panel(page, 'Message flow').getByText('worker03').waitFor();
      const strangers = Array.from({ length: 100 }, (_, index) => `STRANGER-${index}`);
      await row('worker03_queue').getByText('anna active').waitFor();
      const busy = row('worker03_queue').getByText(/^(0\.)?[1-9][0-9.]*\/s$/);
      const invocations = row('worker03_queue').getByText(
        /^[0-9,]+ invocations?, (each )?of [0-9.,]+ messages? in [0-9.,]+ ms$/,
      );
      await Promise.all([
        busy.waitFor(),
        invocations.waitFor(),
        ...strangers.map((product) => shop.see('pick up', product)),
      ]);
      await Promise.all([fire(), dismiss()]);
      await row('worker03_queue').getByText('no worker').waitFor();
      // What anna signed still belongs to her queue.
      expect(await panel(page, 'Message flow').getByText('anna').count()).toBe(0);
      const alert = page.getByRole('alert');
      const body = { event_type: 'pick up', product_number: 'STRANGER-0', timestamp: '2026-01-01T10:00:00' };
      await shop.publish('', 'worker03_queue', [{ body }]);
      await alert.getByText(/^\d+ events? waits? for worker03, and no worker is there\.$/).waitFor();
      await page.getByText('Live, but something is wrong').waitFor();
      await row('worker01_queue').getByText('spare').waitFor({ state: 'detached' });
      await shop.deleteQueue('worker03_queue');
      await row('worker03_queue').waitFor({ state: 'detached' });
      await page.locator('.link-live').waitFor();
      expect(await alert.textContent()).toBe('');
    });
  });

  it('shows one purchase hop by hop, and what its handlers did', async () => {
    shop.learn({ ...DATABASE, customers_database: { 'customer-1': ['HOPS-1'] } });
    const closeApp = await shop.openApp('customer-1');
    await visiting(shop.link(operator), async ({ page }) => {
      const sensor = sensorOf(page);
      await sensor.product.fill('HOPS-1');
      for (const type of ['pick up', 'purchase']) {
        await sensor.what.selectOption(type);
        await sensor.send.click();
        await page.getByRole('status').getByText(`Sent: ${type} HOPS-1`).waitFor();
      }
      const feed = panel(page, 'Live feed');
      await feed.getByRole('combobox').selectOption('billed');
      await feed.getByRole('button', { name: 'Details of HOPS-1 billed' }).first().click();
      const hops = details(page).getByRole('table', { name: /^Hop by hop, / });
      await hops.getByText("in the customer's lists").waitFor();
      const [, ...rows] = await hops.locator('tr').allInnerTexts();
      const cells = rows.map((row) => row.split('\t').map((cell) => cell.trim()));
      expect(cells.map(([what, where]) => `${what}: ${where}`)).toEqual([
        expect.stringMatching(/^on its way: worker0[12]_queue$/),
        expect.stringMatching(/^decided: worker0[12]$/),
        expect.stringMatching(/^sent and confirmed: worker0[12]$/),
        expect.stringMatching(/^acknowledged: worker0[12]_queue$/),
        'on its way: customer_app.customer-1',
        expect.stringMatching(/^in the customer's lists: customer's app/),
      ]);
      for (const [, , after, took] of cells) expect(`${after} ${took}`).toMatch(/^[\d.,]+ ms [\d.,]+ ms$/);
      const invocations = panel(page, 'Invocations');
      await opener(invocations.getByRole('row').filter({ hasText: 'customer_app.customer-1' }).first()).click();
      await details(page).getByText('The handler wrote nothing.').waitFor();
    });
    await closeApp();
    shop.learn(DATABASE);
  });

  it('shows why an invocation failed, and what its handler wrote, as text', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      const invocations = panel(page, 'Invocations');
      const failing = {
        error: 'no such table',
        stack: 'Error: no such table\n    at look (till.ts:7:3)',
        settledMs: undefined,
        lines: ['looking', `<b>${HOSTILE_PRODUCT}</b>`],
      };
      await shop.publish(WORKER_STATUS, '', [
        { body: { v: 1, ...invocationOf('orders', { ...failing, startedAt: Date.now() }) } },
        { body: { v: 2, ...invocationOf('tomorrow') } },
      ]);
      await invocations.getByRole('button', { name: 'Only failed ones' }).click();
      await invocations.getByRole('button', { name: /^Invocation of orders_queue at .*: failed$/ }).click();
      await details(page).getByText('no such table', { exact: true }).waitFor();
      await details(page).getByText('at look (till.ts:7:3)').waitFor();
      await details(page).getByText(`<b>${HOSTILE_PRODUCT}</b>`).waitFor();
      expect(await invocations.locator('tbody > tr.event').count()).toBe(1);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
    });
  });

  it('can be filtered, and stands still while it is paused', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      const feed = panel(page, 'Live feed');
      await shop.see('pick up', 'FILTER-1');
      await feed.getByRole('combobox').selectOption('refused');
      await feed.getByRole('searchbox').fill('filter unknown');
      await expect.poll(() => feed.locator('tbody tr').count()).toBe(1);
      await feed.getByRole('button', { name: 'Pause' }).click();
      await shop.see('pick up', 'FILTER-2');
      await feed.getByText('paused, 1 since').waitFor();
      expect(await feed.getByText('FILTER-2').count()).toBe(0);
      await feed.getByRole('button', { name: 'Go on' }).click();
      await feed.getByText('FILTER-2').waitFor();
    });
  });

  it('writes amounts in the currency that the database names, and explains its words', async () => {
    const mine = await visit(browser, shop.link(customer('customer-1')));
    await visiting(shop.link(operator), async ({ page }) => {
      shop.learn({ ...DATABASE, currency: 'EUR' });
      await shop.restartPages();
      for (const type of ['pick up', 'purchase'] as const) await shop.see(type, 'AX-123');
      await panel(page, 'Bills').getByText('€18.76').first().waitFor();
      await mine.page.getByText('€18.76').first().waitFor();
      await page.getByRole('button', { name: 'What the words mean' }).click();
      await page.getByRole('dialog').getByText('a dead letter, which waits').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
      shop.learn(DATABASE);
      await shop.restartPages();
    });
    await mine.leave();
  });

  it('says at its top that the broker takes no messages, and why, until it does again', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      await shop.broker.ctl('set_vm_memory_high_watermark', 'absolute', '1000000');
      await page.getByRole('alert').getByText('The broker is low on memory, and accepts no messages.').waitFor();
      await page.getByRole('status').getByText('Live, but something is wrong').waitFor();
      await shop.broker.ctl('set_vm_memory_high_watermark', '0.6');
      await page.getByRole('alert').waitFor({ state: 'hidden' });
    });
  });

  it('leads on: a tile to its panel, a product to the feed, a customer to a page, a queue to its invocations', async () => {
    await visiting(shop.link(operator), async ({ page, complaints }) => {
      for (const type of ['pick up', 'purchase'] as const) await shop.see(type, 'BX-123');
      const bill = panel(page, 'Bills').getByRole('row').filter({ hasText: 'BX-123' }).first();
      await page.locator('.figures').getByRole('link', { name: 'Revenue' }).click();
      await expect.poll(() => page.url()).toMatch(/#bills$/);
      await bill.getByRole('link', { name: 'BX-123' }).click();
      await expect.poll(() => new URL(page.url()).search).toBe('?find=BX-123');
      await expect.poll(() => panel(page, 'Live feed').locator('tbody .product').allInnerTexts()).toContain('BX-123');
      const others = panel(page, 'Live feed').locator('tbody td.product', { hasNotText: 'BX-123' });
      expect(await others.count()).toBe(0);
      const opening = page.context().waitForEvent('page');
      await bill.getByRole('link', { name: 'customer-2' }).click();
      const theirs = await opening;
      await theirs.getByRole('article', { name: 'Bill for BX-123' }).first().waitFor();
      expect(theirs.url()).not.toContain('token');
      await theirs.close();
      const queues = panel(page, 'Invocations').locator('tbody td.about', { hasText: /^worker/ });
      await queues.first().waitFor();
      const [queue = ''] = await queues.allInnerTexts();
      await panel(page, 'Queues').getByRole('link', { name: queue }).click();
      await expect
        .poll(async () => new Set(await panel(page, 'Invocations').locator('tbody td.about').allInnerTexts()))
        .toEqual(new Set([queue]));
      // Someone else sees the same.
      await opener(panel(page, 'Live feed')).first().click();
      await expect.poll(() => page.url()).toContain('open=feed');
      const colleague = await page.context().newPage();
      await colleague.goto(page.url());
      await details(colleague).getByText('BX-123', { exact: true }).first().waitFor();
      expect(await colleague.getByRole('searchbox').inputValue()).toBe('BX-123');
      expect(complaints).toEqual([]);
    });
  });

  it('shows hostile names as text', async () => {
    const theirs = await visit(browser, shop.link(customer(HOSTILE_CUSTOMER)));
    await visiting(shop.link(operator), async ({ page, complaints }) => {
      await shop.see('pick up', HOSTILE_PRODUCT);
      await shop.publish('customer_app_events', HOSTILE_CUSTOMER, [{ body: HOSTILE_CUSTOMER, appId: HOSTILE_PRODUCT }]);
      await panel(page, 'Open baskets').getByText(HOSTILE_CUSTOMER).waitFor();
      await panel(page, 'Live feed').locator('.what', { hasText: 'unreadable' }).waitFor();
      await basketOf(theirs.page).getByText(HOSTILE_PRODUCT).waitFor();
      for (const each of [page, theirs.page]) {
        expect(await each.evaluate('window.hacked')).toBeUndefined();
        expect(await each.locator('img').count()).toBe(0);
      }
      expect([...complaints, ...theirs.complaints]).toEqual([]);
    });
    await theirs.leave();
  });
});

describe('monitoring', () => {
  it('reads what happens in the shop, in the format of Prometheus', async () => {
    const ready = async () => (await fetch(new URL('/readyz', shop.link(operator)))).status;
    await expect.poll(ready).toBe(200);
    const read = async () => {
      const answer = await fetch(new URL('/metrics', shop.link(operator)));
      return parseExposition(await answer.text());
    };
    const total = async (name: string, labels: Record<string, string> = {}) => {
      const samples = (await read()).get(name.replace(/_(bucket|sum|count)$/, ''))?.samples ?? [];
      const wanted = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      return wanted.reduce((sum, { value }) => sum + value, 0);
    };
    const before = {
      received: await total('smart_shopping_messages_received_total'),
      rejected: await total('smart_shopping_messages_dead_lettered_total'),
      bills: await total('smart_shopping_bills_total'),
      told: await total('smart_shopping_end_to_end_seconds_count', { what: 'bill' }),
    };
    for (const type of ['pick up', 'purchase'] as const) await shop.see(type, 'AX-124');
    await shop.see('pick up', 'NOBODYS-METRIC');
    const grown = (name: string, from: number, labels?: Record<string, string>) =>
      expect.poll(async () => (await total(name, labels)) - from);
    // What a worker did just before may be in its next report.
    await grown('smart_shopping_messages_received_total', before.received).toBeGreaterThanOrEqual(3);
    await grown('smart_shopping_messages_dead_lettered_total', before.rejected).toBeGreaterThanOrEqual(1);
    await grown('smart_shopping_bills_total', before.bills).toBe(1);
    await grown('smart_shopping_end_to_end_seconds_count', before.told, { what: 'bill' }).toBe(1);
    const letters = { queue: 'shopping_events_dead_letter_queue' };
    await grown('smart_shopping_queue_messages', 0, letters).toBeGreaterThan(0);
    await grown('smart_shopping_queue_consumers', 0, { queue: 'worker01_queue' }).toBe(1);
    expect(await total('smart_shopping_handler_duration_seconds_count')).toBeGreaterThan(0);
    expect(await total('smart_shopping_broker_connected')).toBe(1);
    expect(await total('smart_shopping_rescale_under_way')).toBe(0);
  });
});

describe('the keyboard alone', () => {
  /** Presses Tab until it has the focus. */
  async function tabTo(target: Locator): Promise<void> {
    for (let presses = 0; presses < 200; presses++) {
      if ((await target.and(target.page().locator(':focus')).count()) === 1) return;
      await target.page().keyboard.press('Tab');
    }
    throw new Error('no number of Tabs leads there');
  }

  it('is enough for everything that an operator can do, and each outcome is said in the status line', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      const { keyboard } = page;
      const button = (within: string, name: RegExp) => panel(page, within).getByRole('button', { name });
      const says = (text: RegExp) => page.getByRole('status').getByText(text).waitFor();
      await tabTo(sensorOf(page).what);
      await keyboard.press('ArrowDown');
      await tabTo(sensorOf(page).product);
      // Blanks alone are not a product, and blanks around one are accidental.
      await keyboard.type(' ');
      await keyboard.press('Enter');
      expect(await panel(page, 'Be the sensor').locator('input:invalid').count()).toBe(1);
      await keyboard.type('KEYS-1 ');
      await keyboard.press('Enter');
      await says(/Sent: purchase KEYS-1\.$/);
      const row = panel(page, 'Refused events').getByRole('row').filter({ hasText: 'KEYS-1' });
      await row.waitFor();

      await tabTo(button('Live feed', /^Pause$/));
      await keyboard.press('Space');
      await tabTo(button('Live feed', /^Go on$/));
      await keyboard.press('Space');
      await tabTo(panel(page, 'Live feed').getByRole('searchbox'));
      await keyboard.type('KEYS-1');
      await expect.poll(() => panel(page, 'Live feed').locator('tbody tr').count()).toBe(1);
      await tabTo(button('Live feed', /^Details of KEYS-1/));
      await keyboard.press('Enter');
      await details(page).getByText('"product_number": "KEYS-1"').waitFor();
      await keyboard.press('Escape');

      await tabTo(panel(page, 'Products by worker').getByRole('textbox'));
      await keyboard.type('KEYS-1');
      await keyboard.press('Enter');
      await says(/^worker0[12] has KEYS-1/);

      await tabTo(button('Refused events', /^Send back KEYS-1$/));
      await keyboard.press('Enter');
      await says(/1 of 1 sent back/);
      await row.filter({ hasText: 'sent back, refused again' }).waitFor();

      await tabTo(button('Refused events', /^Drop all/));
      await keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await tabTo(button('Refused events', /^Drop all/));
      await keyboard.press('Enter');
      await tabTo(page.getByRole('button', { name: 'Drop them' }));
      await keyboard.press('Enter');
      await says(/ dropped/);
      await tabTo(button('Invocations', /^Only failed ones$/));
      await keyboard.press('Space');
      await keyboard.press('Space');
      await tabTo(button('Invocations', /^Invocation of /).first());
      await keyboard.press('Enter');
      await details(page)
        .getByText(/^The handler wrote/)
        .waitFor();
      expect(await page.locator('[role=status], [aria-live], output').count(), 'lines that are read out').toBe(1);
    });
  });
});

describe('both', () => {
  it('heal by themselves after a restart of the broker, and of the server', async () => {
    const mine = await visit(browser, shop.link(customer('customer-1')));
    await visiting(shop.link(operator), async ({ page }) => {
      for (const each of [page, mine.page]) await each.evaluate('window.neverReloaded = true');
      await Promise.all([
        shop.broker.restart(),
        page.getByText('Waiting for the broker').waitFor(),
        mine.page.getByText('Waiting for the broker').waitFor(),
        page.getByRole('alert').getByText('The broker is down').waitFor(),
      ]);
      await shop.see('pick up', 'AX-124');
      await basketOf(mine.page).getByText('AX-124').waitFor();
      await panel(page, 'Open baskets').getByText('AX-124').waitFor();

      await shop.restartPages();
      await shop.see('purchase', 'AX-124');
      await mine.page.getByRole('article', { name: 'Bill for AX-124' }).waitFor();
      await panel(page, 'Bills').getByText('AX-124').waitFor();
      for (const each of [page, mine.page]) expect(await each.evaluate('window.neverReloaded')).toBe(true);
    });
    await mine.leave();
  });

  it('are accessible, also with everything open', async () => {
    await visiting(shop.link(operator), async ({ page }) => {
      await sensorOf(page).product.fill('ACCESSIBLE-1');
      await page.keyboard.press('Enter');
      await panel(page, 'Refused events').getByText('ACCESSIBLE-1', { exact: true }).waitFor();
    });
    for (const holder of [operator, customer('customer-1')]) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, leave } = await visit(browser, shop.link(holder), { colorScheme, reducedMotion: 'reduce' });
        await page.evaluate(axe.source);
        const violations = async () => {
          const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()');
          return found.violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
        };
        if (holder === operator) {
          const letter = panel(page, 'Refused events').getByRole('row').filter({ hasText: 'ACCESSIBLE-1' });
          await opener(letter).click();
          await details(page)
            .getByRole('table', { name: /^Hop by hop/ })
            .waitFor();
          expect(await violations()).toEqual([]);
          await opener(panel(page, 'Invocations')).first().click();
          await details(page)
            .getByText(/^Request/)
            .waitFor();
        }
        expect(await violations()).toEqual([]);
        if (holder === operator) {
          await panel(page, 'Refused events')
            .getByRole('button', { name: /^Drop all/ })
            .click();
          await page.getByRole('dialog').waitFor();
          expect(await violations()).toEqual([]);
        }
        await leave();
      }
    }
  });

  it('never scroll sideways, from 320 px on', async () => {
    for (const holder of [operator, customer(HOSTILE_CUSTOMER)]) {
      for (const width of [320, 360, 768, 1440]) {
        const { page, leave } = await visit(browser, shop.link(holder), { viewport: { width, height: 800 } });
        if (holder === operator && width === 360) {
          const { height } = (await page.locator('#page').boundingBox()) ?? { height: Number.POSITIVE_INFINITY };
          expect(height, 'four screens of a phone').toBeLessThanOrEqual(4 * 740);
        }
        if (holder === operator) {
          const isWide = async (what: string) =>
            expect(await page.evaluate('document.documentElement.scrollWidth'), `${what} ${width}`).toBe(width);
          await opener(panel(page, 'Refused events').getByRole('row').filter({ hasText: 'ACCESSIBLE-1' })).click();
          await details(page)
            .getByRole('table', { name: /^Hop by hop/ })
            .waitFor();
          await isWide('a letter');
          for (const summary of await page.locator('summary:visible').all()) await summary.click();
          await opener(panel(page, 'Invocations')).first().click();
          await details(page)
            .getByText(/^Request/)
            .waitFor();
        }
        expect(await page.evaluate('document.documentElement.scrollWidth'), `${holder.role} ${width}`).toBe(width);
        await leave();
      }
    }
  });

  it('stay responsive through 10,000 events', async () => {
    await visiting(shop.link(operator), async ({ page, wire }) => {
      await page.evaluate(`
        window.longTasks = [];
        new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
      `);
      // Proof that the measurement works.
      await page.evaluate(
        'setTimeout(() => { for (const end = performance.now() + 120; performance.now() < end; ); })',
      );
      await expect.poll(() => page.evaluate<number>('longTasks.splice(0).length')).toBeGreaterThan(0);
      const alert = (index: number) => ({
        event_type: 'pick up',
        product_number: `P-${index}`,
        timestamp: new Date().toISOString(),
      });
      const messages = Array.from({ length: 10_000 }, (_, index) => ({
        body: alert(index),
        appId: `worker0${1 + (index % 2)}`,
      }));
      const startedAt = performance.now();
      const told = wire.length;
      const feed = panel(page, 'Live feed');
      for (let from = 0; from < messages.length; from += 500) {
        await shop.publish('customer_app_events', 'customer-1', messages.slice(from, from + 500));
        // In the middle of it, the page responds to the user.
        if (from === 5_000) {
          await feed.getByRole('button', { name: 'Pause' }).click();
          await feed.getByText(/^paused/).waitFor();
          await feed.getByRole('button', { name: 'Go on' }).click();
        }
      }
      await feed.getByText('P-9999').first().waitFor();
      // The stream contains more than a page keeps, and the workers have none of them.
      await panel(page, 'Open baskets')
        .getByText(/^(12 of 5,000|workers keep [0-9]+)$/)
        .waitFor();
      expect(await page.locator('*').count()).toBeLessThan(2_500);
      const longTasks = await page.evaluate<number[]>('longTasks');
      console.info(`long tasks (ms): ${longTasks.map(Math.round).join(' ') || 'none'}`);
      const blockedMs = longTasks.reduce((sum, duration) => sum + duration, 0);
      const share = blockedMs / (performance.now() - startedAt);
      expect(share, 'share of the time that the page could not answer').toBeLessThan(0.8);
      expect(wire.length - told, 'times that it was told something').toBeLessThan(messages.length / 20);
    });
  });
});

describe('a redrive', () => {
  it('goes on with the rest where the broker is killed while dead letters are sent back', async () => {
    const products = Array.from({ length: 6_000 }, (_, index) => `LATE-${index}`);
    const overheard = await shop.overhear('ada');
    await visiting(shop.link(operator), async ({ page }) => {
      const letters = panel(page, 'Refused events');
      await shop.seeAll(products);
      await letters.getByText(/^6,0[0-9]{2} waiting/).waitFor();
      shop.learn({ ...DATABASE, customers_database: { ...DATABASE.customers_database, ada: products } });
      await letters.getByRole('button', { name: 'Send all back' }).click();
      await letters.getByText(/^[1-9][0-9,]* of 6,0[0-9]{2} sent back/).waitFor();
      await shop.broker.kill();
      await letters.getByText(/not all: the broker went away/).waitFor();
      await shop.broker.restart();
      await page.locator('.link-live').waitFor();
      await letters.getByRole('button', { name: 'Send all back' }).click();
      await letters.getByText(/^([0-9,]+) of \1 sent back\.$/).waitFor();
      await letters.getByText(/^[0-9]{1,2} waiting/).waitFor();
      await expect
        .poll(
          async () =>
            new Set((await overheard()).map(({ content }) => JSON.parse(content.toString()).product_number)).size,
          { interval: 500 },
        )
        .toBe(6_000);
      const ids = new Set((await overheard()).map(({ properties }) => properties.messageId));
      expect(ids.size).toBe(6_000);
      shop.learn(DATABASE);
    });
  });
});

describe('the log', () => {
  it('has no token in it', () => {
    const token = new URL(shop.link(operator)).searchParams.get('token')?.split('.')[0] ?? '';
    expect(token).not.toBe('');
    expect(log.lines.join('\n')).not.toMatch(/token|eyJ/);
  });
});
