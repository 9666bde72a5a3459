import { afterEach, beforeEach, expect, it } from 'vitest';
import { LiveShop } from '../../infra/shop/web/live-shop.js';
import { ShopMetrics } from '../../infra/shop/web/metrics.js';
import { watchShop } from '../../infra/shop/web/watch-shop.js';
import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import type { RunnerStatus } from '../../lib/runner-status/read-runner-status.js';
import { WORKER_STATUS } from '../../lib/shop/domain/topology.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { statusOf } from '../unit/lib/runner-status/statuses.js';

let scene: Scene;
let shop: LiveShop;
let metrics: ShopMetrics;
let watched: Promise<void>;
let over: AbortController;

beforeEach(async () => {
  scene = await openScene();
  over = new AbortController();
  const { signal } = over;
  shop = new LiveShop();
  metrics = new ShopMetrics();
  shop.watchFloor(signal);
  watched = watchShop({ amqpUrl, shop, metrics, log: adapterLog(createLogger('test')), signal });
  await shop.begun;
});

afterEach(async () => {
  over.abort();
  await watched;
  await scene.close();
});

function tell(status: RunnerStatus): void {
  scene.channel.publish(WORKER_STATUS, '', Buffer.from(JSON.stringify({ v: 1, ...status })));
}

const named = (name: string) => shop.status.workers.find(({ worker }) => worker === name);

it('workers of queues that are not there shut out none that comes after them, and are not shown', async () => {
  let rounds = 0;
  // They report as often as real workers, and new ones keep coming.
  const flood = setInterval(() => {
    for (let n = 0; n < 250; n++) tell(statusOf(`w${n}`, { queue: `no queue ${n}` }));
    for (let n = 0; n < 50; n++) tell(statusOf(`w${rounds}-${n}`, { queue: `no queue ${rounds}-${n}` }));
    if (rounds++ > 0) tell(statusOf('real', { queue: scene.queue, state: 'active', messages: rounds }));
  }, 1_000);
  try {
    await eventually(() => named('real'));
    await eventually(async () =>
      (await metrics.text(shop.status)).includes(`received_total{queue="${scene.queue}",worker="real"}`),
    );
    expect(shop.status.workers.map(({ worker }) => worker)).toEqual(['real']);
    expect(shop.status.queues.map(({ name }) => name)).toContain(scene.queue);
    expect(await metrics.text(shop.status)).not.toContain('no queue');
  } finally {
    clearInterval(flood);
  }
});
