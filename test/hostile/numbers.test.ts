import { type ConsumeMessage, connect } from 'amqplib';
import Big from 'big.js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  BILLING_EVENTS,
  DEAD_LETTER_QUEUE,
  SHOPPING_EVENTS_EXCHANGE,
  WORKER_QUEUES,
} from '../../lib/shop/domain/topology.js';
import { CUSTOMER_STREAM } from '../../lib/shop/floor/streams.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { openBrowser, type Visit, visit } from '../support/system/browser.js';
import { openShop, type Shop } from '../support/system/shop.js';

const CUSTOMERS = 50;
const PRODUCTS = 1_000;
/** Picked up before all others, and never purchased. */
const OPEN = 40;
const UNKNOWN = 30;
const PURCHASES = 25_000;
const products = Array.from({ length: PRODUCTS }, (_, index) => `P-${index}`);
const database = {
  customers_database: Object.fromEntries(
    Array.from({ length: CUSTOMERS }, (_, index) => [
      `customer-${index}`,
      products.filter((_, product) => product % CUSTOMERS === index),
    ]),
  ),
  cost_per_unit: 0.7,
  number_of_units: 3,
};

let shop: Shop;
let browser: Browser;
beforeAll(async () => {
  [shop, browser] = await Promise.all([openShop(database, recordingLog()), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
});

/** In the order in which they are sent: far more than the stream of the pages keeps. */
function* traffic() {
  const time = new Date().toISOString();
  const event = (event_type: string, product_number: string) => ({ event_type, product_number, timestamp: time });
  for (const product of products.slice(0, OPEN)) yield event('pick up', product);
  for (let n = 0; n < UNKNOWN; n++) yield event('pick up', `nobody's-${n}`);
  for (let n = 0; n < PURCHASES; n++) {
    const product = products[OPEN + (n % (PRODUCTS - OPEN))] ?? '';
    yield event('pick up', product);
    yield event('purchase', product);
  }
}

async function sendAll(): Promise<void> {
  const connection = await connect(shop.broker.amqpUrl);
  const channel = await connection.createConfirmChannel();
  let sent = 0;
  for (const event of traffic()) {
    const options = { persistent: true, messageId: `event-${sent}` };
    channel.publish(SHOPPING_EVENTS_EXCHANGE, event.product_number, Buffer.from(JSON.stringify(event)), options);
    if (++sent % 1_000 === 0) await channel.waitForConfirms();
  }
  await channel.waitForConfirms();
  await connection.close();
}

/** What the broker itself knows. */
interface Truth {
  readonly till: number;
  readonly refused: number;
  readonly waiting: number;
  /** In the stream that the pages are read from. */
  readonly messages: number;
  readonly bills: number;
  readonly revenue: number;
  readonly billsOfOne: number;
}

async function askBroker(): Promise<Truth> {
  const connection = await connect(shop.broker.amqpUrl);
  const channel = await connection.createChannel();
  const depth = async (queue: string) => (await channel.checkQueue(queue)).messageCount;
  const depths = {
    till: await depth(BILLING_EVENTS),
    refused: await depth(DEAD_LETTER_QUEUE),
    waiting: (await Promise.all(WORKER_QUEUES.map(depth))).reduce((sum, each) => sum + each, 0),
  };
  const offsetOf = ({ properties }: ConsumeMessage): number => Number(properties.headers?.['x-stream-offset']);
  const read = async (from: string, isLast: (message: ConsumeMessage) => boolean): Promise<ConsumeMessage[]> => {
    const messages: ConsumeMessage[] = [];
    await channel.prefetch(1_000);
    await new Promise<void>((resolve) => {
      const take = (message: ConsumeMessage | null): void => {
        if (message === null) return;
        channel.ack(message);
        messages.push(message);
        if (isLast(message)) resolve();
      };
      void channel.consume(CUSTOMER_STREAM, take, { consumerTag: from, arguments: { 'x-stream-offset': from } });
    });
    await channel.cancel(from);
    return messages;
  };
  // The last chunk holds one message or more: its end is where nothing more arrives.
  let last = 0;
  await Promise.race([
    read('last', (message) => {
      last = Math.max(last, offsetOf(message));
      return false;
    }),
    new Promise((resolve) => setTimeout(resolve, 1_000)),
  ]);
  const messages = await read('first', (message) => offsetOf(message) >= last);
  await connection.close();
  const bodies = messages.map(({ content }) => JSON.parse(content.toString()));
  const bills = bodies.filter((body) => 'shopping_cost' in body);
  return {
    ...depths,
    messages: bodies.length,
    bills: bills.length,
    revenue: bills.reduce((sum, { shopping_cost }) => sum.plus(shopping_cost), new Big(0)).toNumber(),
    billsOfOne: bills.filter(({ customer_id }) => customer_id === 'customer-7').length,
  };
}

const numberIn = (text: string | null | undefined) => Number(/-?[\d,.]+/.exec(text ?? '')?.[0].replaceAll(',', ''));

/** Every number that the pages show, as far as the broker knows it, too. */
async function shownOn(floor: Page, customers: Page) {
  const tile = async (name: string) =>
    numberIn(
      await floor
        .locator('.figure', { has: floor.getByText(name, { exact: true }) })
        .locator('dd')
        .first()
        .textContent(),
    );
  const box = async (name: string) =>
    numberIn(
      await floor
        .locator('.box', { has: floor.getByText(name, { exact: true }) })
        .locator('.box-note')
        .textContent(),
    );
  const note = async (panel: string) =>
    (await floor.getByRole('region', { name: panel, exact: true }).locator('.panel-top .quiet').textContent()) ?? '';
  const [billsNote, refusedNote, basketsNote] = [
    await note('Bills'),
    await note('Refused events'),
    await note('Open baskets'),
  ];
  const theirs = await customers.getByRole('region', { name: 'Bills' }).locator('.quiet').first().textContent();
  return {
    baskets: await tile('Open baskets'),
    basketsBelow: numberIn(basketsNote.split(' of ')[1]),
    bills: await tile('Bills'),
    billsBelow: numberIn(billsNote),
    revenue: await tile('Revenue'),
    revenueBelow: numberIn(billsNote.split('together')[1]),
    refused: await tile('Refused, waiting'),
    refusedBelow: numberIn(refusedNote),
    refusedInPicture: await box('Refused'),
    till: await box('Bills'),
    messages: await box('Customers'),
    waiting: (await box('worker01')) + (await box('worker02')),
    billsOfOne: numberIn(theirs),
  };
}

function expected(truth: Truth) {
  const { bills, revenue, refused } = truth;
  return {
    ...truth,
    baskets: OPEN,
    basketsBelow: OPEN,
    billsBelow: bills,
    revenueBelow: revenue,
    refusedBelow: refused,
    refusedInPicture: refused,
  };
}

it('every number of the pages is that of the broker: after 50,000 events, a restart of each, and after retention has passed', async () => {
  const visits = await Promise.all(
    [{ role: 'operator' } as const, { role: 'customer', customer: 'customer-7' } as const].map((holder) =>
      visit(browser, shop.link(holder)),
    ),
  );
  const [floor, theirs] = visits as [Visit, Visit];
  const shown = () => shownOn(floor.page, theirs.page);
  await sendAll();
  await expect.poll(async () => (await askBroker()).till, { timeout: 240_000, interval: 1_000 }).toBe(PURCHASES);
  const kept = await askBroker();
  expect(kept).toMatchObject({ till: PURCHASES, refused: UNKNOWN, waiting: 0 });
  expect(kept.bills, 'retention has passed').toBeLessThan(PURCHASES);
  // The pages were there all the time: they have counted all.
  const cost = kept.revenue / kept.bills;
  await expect.poll(shown).toEqual(
    expected({
      ...kept,
      messages: OPEN + 3 * PURCHASES,
      bills: PURCHASES,
      revenue: new Big(cost).times(PURCHASES).toNumber(),
      billsOfOne: billsOf(7),
    }),
  );

  await shop.restartPages();
  await expect.poll(shown).toEqual(expected(kept));
  const since = /since \d\d:\d\d/;
  for (const name of ['Bills', 'Revenue']) {
    const tile = floor.page.locator('.figure', { has: floor.page.getByText(name, { exact: true }) });
    expect(await tile.textContent()).toMatch(since);
  }
  expect(await theirs.page.getByRole('region', { name: 'Bills' }).textContent()).toMatch(since);

  await Promise.all([shop.broker.restart(), floor.page.getByText('Waiting for the broker').waitFor()]);
  await floor.page.locator('.link-live').waitFor();
  await expect.poll(shown).toEqual(expected(await askBroker()));
  for (const { leave } of visits) await leave();
});

/** Of all purchases those of one customer. */
function billsOf(customer: number): number {
  return Array.from({ length: PURCHASES }, (_, n) => OPEN + (n % (PRODUCTS - OPEN))).filter(
    (product) => product % CUSTOMERS === customer,
  ).length;
}
