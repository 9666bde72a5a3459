import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPrivateCluster } from '../../infra/broker/private-cluster.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { openBrowser, visit } from '../support/system/browser.js';
import { openShop, openShopOn, type Shop } from '../support/system/shop.js';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const MOST_BYTES = 420_000;

const DATABASE = {
  customers_database: {
    'customer-1': ['AX-123', 'AX-124'],
    'customer-2': ['BX-123', 'BX-124'],
    'customer-3': 'CX-123',
    'customer-4': 'DX-123',
    'customer-5': 'EX-123',
  },
  cost_per_unit: 2,
  number_of_units: 5,
};

/** A short day in the shop. */
const DAY = [
  ['pick up', 'DX-123'],
  ['pick up', 'AX-124'],
  ['pick up', 'BX-123'],
  ['purchase', 'AX-124'],
  ['purchase', 'CX-123'],
  ['pick up', 'CX-123'],
  ['pick up', 'ZX-900'],
  ['purchase', 'BX-123'],
  ['pick up', 'EX-123'],
  ['purchase', 'CX-123'],
  ['pick up', 'AX-123'],
  ['purchase', 'EX-123'],
  ['pick up', 'BX-124'],
] as const;

let shop: Shop;
let browser: Browser;
beforeAll(async () => {
  [shop, browser] = await Promise.all([openShop(DATABASE, recordingLog()), openBrowser()]);
  await mkdir(DOCS, { recursive: true });
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

const SHOTS = [
  { file: 'shop-floor.png', holder: { role: 'operator' }, width: 1280, height: 820, colorScheme: 'light' },
  { file: 'shop-floor-phone-dark.png', holder: { role: 'operator' }, width: 360, height: 740, colorScheme: 'dark' },
  {
    file: 'customer.png',
    holder: { role: 'customer', customer: 'customer-1' },
    width: 360,
    height: 740,
    colorScheme: 'light',
  },
  {
    file: 'customer-dark.png',
    holder: { role: 'customer', customer: 'customer-1' },
    width: 360,
    height: 740,
    colorScheme: 'dark',
  },
] as const;

it('takes the pictures of the README from a running shop', async () => {
  for (const [type, product] of DAY) {
    await shop.see(type, product);
    await sleep(700);
  }
  let bytes = 0;
  for (const { file, holder, width, height, colorScheme } of SHOTS) {
    const options = { viewport: { width, height }, colorScheme, reducedMotion: 'reduce' } as const;
    const { page, leave } = await visit(browser, shop.link(holder), options);
    // The depths of the queues come every two seconds.
    await page.getByText('AX-123').first().waitFor();
    await sleep(2_500);
    await page.screenshot({ path: join(DOCS, file) });
    bytes += (await stat(join(DOCS, file))).size;
    await leave();
  }
  bytes += await takeHops();
  bytes += await takeCluster();
  expect(bytes).toBeLessThan(MOST_BYTES);
});

/** One purchase, from the page's own sensor to the customer's app. */
async function takeHops(): Promise<number> {
  const path = join(DOCS, 'hops.png');
  const closeApp = await shop.openApp('customer-1');
  const { page, leave } = await visit(browser, shop.link({ role: 'operator' }), {
    viewport: { width: 1280, height: 1_600 },
  });
  const panel = (name: string) => page.getByRole('region', { name, exact: true });
  for (const type of ['pick up', 'purchase']) {
    const sensor = panel('Be the sensor');
    await sensor.getByRole('combobox', { name: 'Product' }).fill('AX-124');
    await sensor.getByRole('combobox', { name: /^What/ }).selectOption(type);
    await sensor.getByRole('button', { name: 'Send', exact: true }).click();
    await sleep(1_000);
  }
  await panel('Live feed').getByRole('combobox').selectOption('billed');
  await panel('Live feed').getByRole('button', { name: 'Details of AX-124 billed' }).first().click();
  await panel('Details')
    .getByRole('table', { name: /^Hop by hop/ })
    .screenshot({ path });
  await leave();
  await closeApp();
  return (await stat(path)).size;
}

/** A shop on three nodes, one of which is killed between two purchases. */
async function takeCluster(): Promise<number> {
  const path = join(DOCS, 'cluster.png');
  const onThree = await openShopOn((folder) => startPrivateCluster({ folder, nodes: 3 }), DATABASE, recordingLog());
  const { page, leave } = await visit(browser, onThree.link({ role: 'operator' }), {
    viewport: { width: 1280, height: 820 },
  });
  const buy = async (products: readonly string[]): Promise<void> => {
    for (const product of products) {
      await onThree.see('pick up', product);
      await onThree.see('purchase', product);
      await page.getByRole('region', { name: 'Live feed', exact: true }).getByText(product).first().waitFor();
    }
  };
  await buy(['AX-123', 'BX-123', 'CX-123']);
  await onThree.broker.nodes[0]?.kill();
  await buy(['DX-123', 'EX-123']);
  await sleep(2_500);
  await page.screenshot({ path });
  await leave();
  await onThree.close();
  return (await stat(path)).size;
}
