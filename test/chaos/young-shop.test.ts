import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collect, createService, type Offline, type OfflineService } from '../support/system/offline-service.js';

const SHOP = { 'serverless.yml': 'serverless.yml', 'package.json': 'package.json' };

let service: OfflineService;

beforeEach(() => {
  service = createService(SHOP, { dist: 'dist' });
});

afterEach(() => service.remove());

async function post({ httpUrl }: Offline, type: string, minute: number): Promise<number> {
  const body = JSON.stringify({
    event_type: type,
    product_number: 'AX-123',
    timestamp: `2026-01-01T10:0${minute}:00`,
  });
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${httpUrl}/shopping-events`, { method: 'POST', headers, body })).status;
}

it.each([0, 200, 1_000, 5_000])(
  'a broker that is killed %i ms after a new shop has opened a basket, keeps it',
  { timeout: 240_000 },
  async (ms) => {
    // Its address is printed when it listens; the basket is opened at once.
    const offline = await service.offlineAlone('--no-demo');
    expect(await post(offline, 'pick up', 0)).toBe(202);
    await sleep(ms);
    const { pid } = offline.broker('.smart-shopping');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => offline.broker('.smart-shopping').pid).not.toBe(pid);
    await expect.poll(() => post(offline, 'purchase', 5)).toBe(202);
    const bills = await collect(await offline.connect('.smart-shopping'), 'billing_events');
    await expect.poll(() => bills).toMatchObject([{ product_number: 'AX-123', shopping_cost: 8 }]);
    expect(await offline.stop()).toBe(0);
  },
);
