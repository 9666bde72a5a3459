import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type PrivateCluster, startPrivateCluster } from '../../infra/broker/private-cluster.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import {
  declareSmallShop,
  openSmallShop,
  type SmallShop,
  type SmallWorker,
  startSmallWorker,
} from '../support/broker/small-shop.js';
import { NET_TICK } from './faults.js';

/** An owner that was replaced, and comes back with its old memory. */

let cluster: PrivateCluster;
let owner: SmallWorker;
let standby: SmallWorker;
let shop: SmallShop;

afterEach(async () => {
  await cluster.stop();
  await removeFolders();
});

/** An owner on the first node, a standby on the second, and the customers on the third. */
async function open(): Promise<void> {
  cluster = await startPrivateCluster({ folder: await newFolder(), nodes: 3, netTick: NET_TICK });
  const [first, , third] = cluster.nodes.map(({ amqpUrl }) => amqpUrl);
  await declareSmallShop(first ?? '');
  owner = startSmallWorker(cluster, 'owner', [0, 1, 2]);
  await expect.poll(() => owner.steps).toContain('subscribed');
  standby = startSmallWorker(cluster, 'standby', [1, 2, 0]);
  await expect.poll(() => standby.steps).toContain('subscribed');
  shop = await openSmallShop(third ?? '');
  await billed(100);
}

/** Waits until this many more are billed. */
async function billed(more: number): Promise<void> {
  const before = shop.bills.size;
  await expect.poll(() => shop.bills.size).toBeGreaterThan(before + more);
}

/** The standby ends, so that RabbitMQ makes the old owner's consumer the active one again. */
async function closesWithoutStandby(): Promise<void> {
  await billed(500);
  await standby.stop();
  await billed(500);
  await shop.closes();
  await owner.stop();
}

it('its node hung for longer than the other nodes wait, and for less than its clients do', async () => {
  await open();
  cluster.nodes[0]?.freeze();
  // The others give it up after 3 to 5 s, clients miss their second heartbeat after 20.
  await sleep(14_000);
  cluster.nodes[0]?.thaw();
  await expect.poll(() => standby.steps).toContain('recovered');
  await closesWithoutStandby();
  expect(owner.log.of('session-ended').join('\n')).toMatch(
    /did not come back|has taken over|confirms on a new channel only/,
  );
});
