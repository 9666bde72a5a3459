import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBrowser, visit } from '../support/system/browser.js';
import type { Child } from '../support/system/child.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, useSharedBroker, start } = commandsPerTest();

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const database = () => join(folder(), 'database.json');

async function learn(cost_per_unit: number): Promise<void> {
  const known = { customers_database: { 'customer-1': 'AX-123' }, cost_per_unit, number_of_units: 5 };
  await writeFile(database(), JSON.stringify(known));
}

async function shopFloor(...workerFlags: string[]) {
  const env = { SHOP_DATABASE: database() };
  await useSharedBroker();
  await learn(2);
  const worker = start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue', ...workerFlags], env);
  await expect.poll(worker.stderr).toContain('worker01 is ready');
  const pages = start('smart-shopping', ['web', '--port', '0'], env);
  await expect.poll(pages.stdout).toMatch(/\n/);
  const { page, complaints } = await visit(browser, pages.stdout().trim());
  for (const event of ['pick up', 'purchase']) {
    const produced = start('produce-shopping-event', ['-e', event, '-c', 'customer-1'], env);
    expect(await produced.ended).toBe(0);
  }
  return { page, complaints, worker, pages };
}

const details = (page: Page) => page.getByRole('region', { name: 'Details', exact: true });

/** Opens the latest invocation of the worker: the purchase. */
async function openPurchase(page: Page): Promise<void> {
  const rows = page.getByRole('region', { name: 'Invocations', exact: true }).getByRole('row');
  const ofWorker = rows.filter({ hasText: 'worker01_queue' });
  await expect.poll(() => ofWorker.count()).toBe(2);
  await ofWorker
    .first()
    .getByRole('button', { name: /^Invocation of/ })
    .click();
}

async function end(...children: readonly Child[]): Promise<void> {
  for (const child of children) {
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  }
}

it('an invocation is run again with the code, the database and the baskets, and publishes nothing', async () => {
  const { page, complaints, worker, pages } = await shopFloor('--recordable');
  await openPurchase(page);
  const again = details(page).getByRole('button', { name: 'Run again' });
  await again.click();
  await details(page)
    .getByText(/^It answers after .*, as it did then\. Nothing was published\.$/)
    .waitFor();
  await details(page).getByText('"shopping_cost": 8').waitFor();

  await learn(3);
  await again.click();
  await details(page)
    .getByText(/and not as it did then/)
    .waitFor();
  const both = await details(page).locator('pre').allInnerTexts();
  expect(both.slice(-2)).toEqual([
    expect.stringContaining('"shopping_cost": 8'),
    expect.stringContaining('"shopping_cost": 12'),
  ]);
  // The alert is the same.
  expect(both.at(-1)).not.toContain('event_type');

  await writeFile(database(), 'broken');
  await again.click();
  await details(page)
    .getByText(/^It fails, and not as it did then/)
    .waitFor();
  expect((await details(page).locator('pre').allInnerTexts()).at(-1)).toMatch(/database\.json: line 1/);
  await expect.poll(pages.stderr).toContain('run again');
  const told = await page.evaluate("fetch('/floor/snapshot').then((answer) => answer.json())");
  expect(told).toMatchObject({ snapshot: { totals: { purchases: 1, bills: 1 } } });
  await end(worker);
  await again.click();
  await details(page)
    .getByText(/^No poller of worker01_queue can be recorded\./)
    .waitFor();
  // The browser's own message that the last two were not done.
  expect(complaints.filter((line) => !line.includes('409'))).toEqual([]);
  await end(pages);
});

it('a worker that may not be recorded is not, and the page says how to allow it', async () => {
  const { page, worker, pages } = await shopFloor();
  await openPurchase(page);
  await details(page).getByRole('button', { name: 'Run again' }).click();
  await details(page)
    .getByText(/--recordable/)
    .waitFor();
  await end(worker, pages);
});
