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

/** An owner that was replaced, and comes back with its old memory. */

let cluster: PrivateCluster;
let owner: SmallWorker;
let standby: SmallWorker;
let shop: SmallShop;

afterEach(async () => {
  await cluster.stop();
  await removeFolders();
});

/** An owner on the first node, which leads all queues, a standby on the second, and the customers on the third. */
async function open(options: { readonly netTick?: number }): Promise<void> {
  cluster = await startPrivateCluster({ folder: await newFolder(), nodes: 3, ...options });
  const [first, , third] = cluster.nodes.map(({ amqpUrl }) => amqpUrl);
  await declareSmallShop(first ?? '');
  owner = startSmallWorker(cluster, 'owner', [0, 1, 2]);
  await expect.poll(() => owner.steps).toContain('subscribed');
  standby = startSmallWorker(cluster, 'standby', [1, 2, 0]);
  await expect.poll(() => standby.steps).toContain('subscribed');
  shop = await openSmallShop(third ?? '');
  await billed(100);
}

/** Waits until so many more are billed. */
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
  await open({ netTick: 4 });
  cluster.nodes[0]?.freeze();
  // The others give it up after 3 to 5 s, clients miss their second heartbeat after 20.
  await sleep(14_000);
  cluster.nodes[0]?.thaw();
  await expect.poll(() => standby.steps).toContain('recovered');
  await closesWithoutStandby();
  expect(owner.log.of('session-ended').join('\n')).toMatch(/does not come back|has taken over/);
});

it('its node was cut off, and paused as a minority', async () => {
  await open({});
  const names = [1, 2, 3].map((number) => `'rabbit-${number}@localhost'`);
  const [first, second, third] = cluster.nodes;
  const forget = (name: string, cookie: string) =>
    `erlang:set_cookie(${name}, ${cookie}), erlang:disconnect_node(${name})`;
  await Promise.all([
    ...[second, third].map((node) => node?.ctl('eval', `${forget(names[0] ?? '', 'cut')}.`)),
    first?.ctl(
      'eval',
      `${names
        .slice(1)
        .map((name) => forget(name, 'off'))
        .join(', ')}.`,
    ),
  ]);
  await expect.poll(() => standby.steps).toContain('recovered');
  await billed(100);
  const heal = (node: typeof first, names: readonly string[]) =>
    node?.ctl('eval', `${names.map((name) => `erlang:set_cookie(${name}, erlang:get_cookie())`).join(', ')}.`);
  await Promise.all([heal(second, names.slice(0, 1)), heal(third, names.slice(0, 1)), heal(first, names.slice(1))]);
  await first?.ctl('await_startup');
  await closesWithoutStandby();
});
