import { describe, expect, it } from 'vitest';
import { LiveShop } from '../../../../../infra/shop/web/live-shop.js';

async function isOver(waiting: Promise<void>): Promise<boolean> {
  return Promise.race([waiting.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}

describe('whoever waits for somebody to look', () => {
  it('waits until a shop floor is open, and again when the last one was closed', async () => {
    const shop = new LiveShop();
    const { signal } = new AbortController();
    const [one, other] = [shop.somebodyLooks(signal), shop.somebodyLooks(signal)];
    shop.watchCustomer('customer-1', signal);
    expect(await isOver(one)).toBe(false);
    const leaving = new AbortController();
    shop.watchFloor(leaving.signal);
    expect(await Promise.all([isOver(one), isOver(other), isOver(shop.somebodyLooks(signal))])).toEqual([
      true,
      true,
      true,
    ]);
    leaving.abort();
    expect(await isOver(shop.somebodyLooks(signal))).toBe(false);
  });

  it('need not wait after a scrape', async () => {
    const shop = new LiveShop();
    const { signal } = new AbortController();
    const waiting = shop.somebodyLooks(signal);
    shop.scraped();
    expect(await Promise.all([isOver(waiting), isOver(shop.somebodyLooks(signal))])).toEqual([true, true]);
  });

  it('waits no longer than its signal', async () => {
    const stopping = new AbortController();
    const waiting = new LiveShop().somebodyLooks(stopping.signal);
    stopping.abort();
    expect(await isOver(waiting)).toBe(true);
  });
});
