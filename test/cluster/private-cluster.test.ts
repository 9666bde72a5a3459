import { type ConfirmChannel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PrivateCluster, startPrivateCluster } from '../../infra/broker/private-cluster.js';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { recordingLog } from '../support/broker/recording-log.js';

let folder: string;
let cluster: PrivateCluster;

beforeAll(async () => {
  folder = await newFolder();
  cluster = await startPrivateCluster({ folder, nodes: 3 });
});

afterAll(async () => {
  await cluster.stop();
  await removeFolders();
});

const NODE_NAMES = /rabbit-\d@localhost/g;

const HOME_OF_APP =
  '{ok, Q} = rabbit_amqqueue:lookup({resource, <<"/">>, queue, <<"app">>}), node(amqqueue:get_pid(Q)).';

const QUORUM = { 'x-queue-type': 'quorum' };

/** A channel on one of the nodes. */
async function channelOn(node: number): Promise<{ channel: ConfirmChannel; close: () => Promise<void> }> {
  const model = await connect(cluster.nodes[node]?.amqpUrl ?? '');
  model.on('error', () => undefined);
  return { channel: await model.createConfirmChannel(), close: () => model.close() };
}

it('replicates queues and streams, and a runner goes on at another node when its own is killed', async () => {
  const { channel, close } = await channelOn(1);
  await channel.assertQueue('orders', { arguments: { ...QUORUM, 'x-single-active-consumer': true } });
  await channel.assertQueue('sums', { arguments: QUORUM });
  const sums = new Map<unknown, number>();
  await channel.consume('sums', (message) => {
    if (message === null) return;
    const { sum } = JSON.parse(message.content.toString()) as { readonly sum: number };
    sums.set(message.properties.messageId, sum);
    channel.ack(message);
  });
  const stop = new AbortController();
  const log = recordingLog();
  const running = runQueue<number>({
    amqpUrl: cluster.amqpUrl,
    queue: 'orders',
    handler: queueFunction('orders', ({ messageId = '' }, store) => {
      const sum = (store.get('sum') ?? 0) + 1;
      store.set('sum', sum);
      return {
        outgoing: [{ exchange: '', routingKey: 'sums', body: { sum }, messageId, type: 'sum', mustRoute: true }],
      };
    }),
    batchSize: 5,
    changelog: {},
    log,
    signal: stop.signal,
  });
  for (let n = 0; n < 500; n++)
    channel.sendToQueue('orders', Buffer.from('1'), { messageId: `m${n}`, persistent: true });
  await channel.waitForConfirms();
  await expect.poll(() => sums.size).toBeGreaterThan(50);
  await cluster.nodes[0]?.kill();
  await expect.poll(() => sums.size).toBe(500);
  expect(new Set(sums.values())).toEqual(new Set(Array.from({ length: 500 }, (_, index) => index + 1)));
  expect(log.of('other-address').length).toBeGreaterThan(0);
  await cluster.nodes[0]?.restart();
  stop.abort();
  await running;
  await close();
  const listed = (await cluster.nodes[0]?.ctl('list_queues', 'name', 'members', '--no-table-headers')) ?? '';
  const members = new Map(
    listed
      .trim()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  );
  for (const queue of ['orders', 'sums', 'orders.changelog']) {
    expect(members.get(queue)?.match(NODE_NAMES)?.sort()).toEqual([1, 2, 3].map((n) => `rabbit-${n}@localhost`));
  }
});

it('spreads what one client declares over its nodes', async () => {
  const { channel, close } = await channelOn(0);
  for (let n = 0; n < 12; n++) {
    await channel.assertQueue(`spread-${n}`, {
      arguments: { ...QUORUM, ...(n % 2 === 0 && { 'x-queue-type': 'stream' }) },
    });
  }
  await close();
  const listed = (await cluster.nodes[0]?.ctl('list_queues', 'name', 'leader', '--no-table-headers')) ?? '';
  const spread = listed.split('\n').filter((line) => line.startsWith('spread-'));
  expect(new Set(spread.flatMap((line) => line.match(NODE_NAMES) ?? [])).size).toBe(3);
});

it('does not replicate classic queues: while the node of one is away, it takes nothing', async () => {
  const sender = await channelOn(0);
  await sender.channel.assertQueue('app', { durable: true });
  sender.channel.sendToQueue('app', Buffer.from('before'), { persistent: true });
  await sender.channel.waitForConfirms();
  await sender.close();
  const [, home] = /rabbit-(\d)@/.exec((await cluster.nodes[0]?.ctl('eval', HOME_OF_APP)) ?? '') ?? [];
  const node = Number(home) - 1;
  await cluster.nodes[node]?.kill();
  const other = await channelOn((node + 1) % 3);
  other.channel.sendToQueue('app', Buffer.from('meanwhile'), { persistent: true });
  // 3.10 confirms it, 4.3 says that it could not be taken.
  await other.channel.waitForConfirms().catch(() => undefined);
  await cluster.nodes[node]?.restart();
  expect((await other.channel.checkQueue('app')).messageCount).toBe(1);
  await other.close();
});

it('keeps what it holds over a stop, and refuses another number of nodes', async () => {
  const before = await channelOn(2);
  await before.channel.assertQueue('kept', { arguments: QUORUM });
  before.channel.sendToQueue('kept', Buffer.from('1'), { persistent: true });
  await before.channel.waitForConfirms();
  await before.close();
  await cluster.stop();
  await expect(startPrivateCluster({ folder, nodes: 5 })).rejects.toThrow('holds a cluster of 3 nodes');
  cluster = await startPrivateCluster({ folder, nodes: 3 });
  const after = await channelOn(0);
  expect((await after.channel.checkQueue('kept')).messageCount).toBe(1);
  await after.close();
});
