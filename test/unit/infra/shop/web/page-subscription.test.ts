import { describe, expect, it } from 'vitest';
import { PageSubscription } from '../../../../../infra/shop/web/page-subscription.js';

const never = new AbortController().signal;

describe("a page's subscription", () => {
  it('begins with a snapshot, then tells what is new, in order', async () => {
    const page = new PageSubscription<number>();
    expect(await page.take(never)).toMatchObject({ snapshotDue: true, statusDue: true, items: [] });
    const news = page.take(never);
    page.add([1]);
    page.add([2, 3]);
    expect(await news).toEqual({ snapshotDue: false, statusDue: false, items: [1, 2, 3] });
  });

  it('needs nothing that the snapshot will hold', async () => {
    const page = new PageSubscription<number>();
    page.add([1]);
    expect(await page.take(never)).toMatchObject({ snapshotDue: true, items: [] });
  });

  it('gives a page that is far behind a snapshot instead', async () => {
    const page = new PageSubscription<number>();
    await page.take(never);
    for (let round = 0; round < 30; round++) page.add(Array.from({ length: 100 }, (_, index) => index));
    expect(await page.take(never)).toMatchObject({ snapshotDue: true, items: [] });
  });

  it('ends with the page', async () => {
    const left = new AbortController();
    const page = new PageSubscription<number>();
    await page.take(left.signal);
    const news = page.take(left.signal);
    left.abort();
    page.add([1]);
    expect(await news).toBeUndefined();
    expect(await page.take(left.signal)).toBeUndefined();
  });
});
