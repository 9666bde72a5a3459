import type { ConsumeMessage } from 'amqplib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Poller } from '../../lib/rabbitmq/consuming/poller.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

const COUNT = 100;
let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
  for (let index = 0; index < COUNT; index++) scene.channel.sendToQueue(scene.bills, Buffer.from(`${index}`));
  await eventually(async () => (await scene.waiting(scene.bills)) === COUNT);
});
afterEach(() => scene.close());

/**
 * Settles all messages of a quorum queue except the open ones, each by itself, and ends the subscription at once. Returns what is
 * left. The open ones come back a moment later, along with anything else that does.
 */
async function leftAfter(
  open: readonly number[],
  rejected: readonly number[],
  held: boolean,
  order?: (one: number, other: number) => number,
): Promise<number[]> {
  const signal = new AbortController().signal;
  await onConnection({ amqpUrl, connectionName: 'poller', log: recordingLog() }, async (connection) => {
    const poller = await Poller.open(connection, scene.bills, { prefetch: COUNT });
    await eventually(() => poller.waiting.length === COUNT);
    const deliveries = await poller.take({ maxMessages: COUNT, maxBytes: Number.POSITIVE_INFINITY }, signal);
    if (held) poller.holdSettlements();
    const indexes = [...deliveries.keys()];
    for (const index of order === undefined ? indexes : indexes.toSorted(order)) {
      const delivery = deliveries[index] as ConsumeMessage;
      if (rejected.includes(index)) poller.reject(delivery);
      else if (!open.includes(index)) poller.acknowledge([delivery]);
    }
    await poller.close();
  });
  const left: number[] = [];
  const more = async (): Promise<number[]> => {
    left.push(...(await scene.drain(scene.bills)).map(({ content }) => Number(content)));
    return left;
  };
  await expect.poll(more).toEqual(expect.arrayContaining([...open]));
  return left;
}

it.each([[[99], []] as const, [[97, 98, 99], []] as const, [[99], [3, 40]] as const])(
  'a subscription that ends right after its acknowledgements has made them: all but %j, with %j rejected',
  async (open, rejected) => {
    expect(await leftAfter(open, rejected, true)).toEqual(open);
  },
);

it('held acknowledgements count, in whatever order they were made', async () => {
  expect(await leftAfter([99], [], true, (one, other) => other - one)).toEqual([99]);
});

// Single frames, some of which RabbitMQ may drop: only undecided messages are certain to come back.
it('what is acknowledged behind something undecided leaves that alone', async () => {
  await leftAfter([0, 90], [95], false);
});
