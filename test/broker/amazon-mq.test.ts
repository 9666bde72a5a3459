import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { keepTopology } from '../../infra/functions/keep-topology.js';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import { UnservableError } from '../../lib/rabbitmq/connection/fatal-error.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';

import { openScene } from '../support/broker/broker.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { startRunner } from '../support/broker/local-runner.js';
import { recordingLog } from '../support/broker/recording-log.js';

let broker: PrivateBroker;

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
  // It sends that to everyone who connects.
  await broker.ctl('set_cluster_name', 'b-1234a5b6.mq.eu-central-1.amazonaws.com');
});

afterAll(async () => {
  await broker.stop();
  await removeFolders();
});

const STREAM = { name: 'log', durable: true, arguments: { 'x-queue-type': 'stream' } };
const TOPOLOGY = {
  exchanges: [],
  queues: [{ name: 'orders', durable: true }, STREAM],
  bindings: [{ exchange: 'amq.fanout', queue: 'log', routingKey: '' }],
};

async function isThere(queue: string): Promise<boolean> {
  const options = { amqpUrl: broker.amqpUrl, connectionName: 'test', log: recordingLog() };
  return onConnection(options, (connection) => exists(connection, (channel) => channel.checkQueue(queue)));
}

it('where the broker says that it is Amazon MQ no stream is declared, and with it nothing', async () => {
  const log = recordingLog();
  const declaring = onConnection({ amqpUrl: broker.amqpUrl, connectionName: 'test', log }, (connection) =>
    declareTopology(connection, TOPOLOGY, log),
  );
  await expect(declaring).rejects.toThrow('log must not be declared: this broker is Amazon MQ, which has no streams');
  expect([await isThere('orders'), await isThere('log')]).toEqual([false, false]);
});

it("a service's topology is declared there without its streams, and that is said", async () => {
  const log = recordingLog();
  const stop = new AbortController();
  const kept = keepTopology([TOPOLOGY], {
    amqpUrl: broker.amqpUrl,
    remembered: ['returns'],
    plainQueues: ['returns'],
    log,
    onBack: () => undefined,
    signal: stop.signal,
  });
  await kept.tried;
  expect([await isThere('orders'), await isThere('returns'), await isThere('log')]).toEqual([true, true, false]);
  expect(log.of('streams-left-out')).toHaveLength(1);
  stop.abort();
  await kept.ended;
});

it('a changelog is refused there, and nothing is handled without it', async () => {
  const scene = await openScene(broker.amqpUrl);
  const runner = startRunner(scene, { amqpUrl: broker.amqpUrl });
  expect(await runner.ended).toBeInstanceOf(UnservableError);
  expect(await isThere(`${scene.queue}.changelog`)).toBe(false);
  await scene.close();
});

it('a rescale is refused there, before its stream is declared', async () => {
  const scene = await openScene(broker.amqpUrl);
  const runner = startRunner(scene, { amqpUrl: broker.amqpUrl, rescale: { exchange: scene.alerts } });
  expect(await runner.ended).toBeInstanceOf(UnservableError);
  expect(await isThere(`${scene.alerts}.rescale`)).toBe(false);
  await scene.close();
});
