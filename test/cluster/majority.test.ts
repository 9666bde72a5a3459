import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type PrivateCluster, startPrivateCluster } from '../../infra/broker/private-cluster.js';
import { openShopOn, type ShopUnderTest } from '../chaos/chaos-shop.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';

const SMART_SHOPPING = join(import.meta.dirname, '../../dist/infra/shop/commands/smart-shopping.js');

let cluster: PrivateCluster;
let shop: ShopUnderTest;
let sensor: ChildProcess;

afterEach(async () => {
  sensor.kill('SIGTERM');
  await shop.close();
  await cluster.stop();
  await removeFolders();
});

/** The sensor's origin. */
async function startSensor(): Promise<string> {
  sensor = spawn(process.execPath, [SMART_SHOPPING, 'sensor', '--port', '0'], {
    env: { ...process.env, AMQP_URL: cluster.amqpUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = (await once(sensor.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return /http:[^\s"/]*\/\/[^\s"/]*/.exec(printed.toString())?.[0] ?? printed.toString();
}

it.each(['pause_minority', 'ignore'] as const)(
  'while most nodes are away nothing is accepted or lost, and all goes on when they are back (%s)',
  async (partitionHandling) => {
    cluster = await startPrivateCluster({ folder: await newFolder(), nodes: 3, partitionHandling });
    shop = await openShopOn(
      cluster.amqpUrl,
      [
        { queue: 'worker01_queue', amqpUrl: cluster.amqpUrl },
        { queue: 'worker02_queue', amqpUrl: cluster.amqpUrl },
      ],
      10,
    );
    const origin = await startSensor();
    const see = async (event_type: string, key: string): Promise<number> => {
      const { status } = await fetch(`${origin}/shopping-events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ event_type, product_number: 'P-01', timestamp: '2026-01-01T00:00:00Z' }),
      });
      return status;
    };
    expect(await see('pick up', 'a')).toBe(202);
    const [first, second] = cluster.nodes;
    await Promise.all([first?.kill(), second?.kill()]);
    expect(await see('purchase', 'b')).toBe(503);
    // With `ignore` the remaining node accepts clients, and confirms nothing.
    if (partitionHandling === 'pause_minority')
      await expect.poll(() => shop.fleet.complaints.join('')).toContain('while most of them are away');
    expect(await see('purchase', 'b')).toBe(503);
    expect(shop.collected.bills).toEqual([]);
    await Promise.all([first?.restart(), second?.restart()]);
    await expect.poll(() => see('purchase', 'b')).toBe(202);
    await expect.poll(() => shop.collected.bills.length).toBeGreaterThan(0);
    expect(new Set(shop.collected.bills.map(({ id }) => id)).size).toBe(1);
    expect([...shop.collected.deadLetters]).toEqual([]);
  },
);
