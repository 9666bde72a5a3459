import { LiveShop } from '../../infra/shop/web/live-shop.js';
import { ShopMetrics } from '../../infra/shop/web/metrics.js';
import { watchShop } from '../../infra/shop/web/watch-shop.js';
import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import { serveParent, usage } from './parent.js';

/** What the server of the pages does, with one open shop floor. */

const { amqpUrl } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string };
const { signal } = new AbortController();
const shop = new LiveShop();
void watchShop({ amqpUrl, shop, metrics: new ShopMetrics(), log: adapterLog(createLogger('bench')), signal });
void look();

serveParent({ usage });

async function look(): Promise<void> {
  const page = shop.watchFloor(signal);
  for (;;) {
    const news = await page.take(signal);
    JSON.stringify(news?.snapshotDue ? shop.floor : news?.items);
  }
}
