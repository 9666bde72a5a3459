import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shopTopology } from '../../infra/shop/topology/shop-topology.js';
import { onOwnChannel } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import type { Difference } from '../../lib/rabbitmq/topology/differences.js';
import { checkTopology, declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { type RecordingLog, recordingLog } from '../support/broker/recording-log.js';

interface Options {
  readonly durable?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

let connection: Connection;
let log: RecordingLog;
beforeEach(async () => {
  log = recordingLog();
  connection = await openConnection({ amqpUrl: process.env['AMQP_URL'] as string, connectionName: 'test', log });
});
afterEach(async () => {
  await onOwnChannel(connection, (channel) => channel.deleteQueue('worker01_queue'));
  await connection.close();
});

describe('declaring the topology', () => {
  it('adopts what is there with weaker arguments, and says what is weaker', async () => {
    await onOwnChannel(connection, (channel) => channel.assertQueue('worker01_queue', { durable: true }));
    await declareTopology(connection, shopTopology(), log);
    expect(log.lines).toHaveLength(1);
    const [differences] = log.of('arguments-differ');
    for (const point of ['x-dead-letter-exchange', 'x-overflow', 'x-single-active-consumer', 'x-queue-type']) {
      expect(differences).toContain(`"point":"${point}"`);
    }
    expect(differences).toContain('"meaning":"rejected messages are lost');
  });

  it('changes nothing the second time: no message lost, every product with the same worker', async () => {
    await declareTopology(connection, shopTopology(), log);
    const before = await shares();
    await declareTopology(connection, shopTopology(), log);
    expect(log.lines).toEqual([]);
    expect(await shares()).toEqual(before.map((count) => 2 * count));
    expect(Math.min(...before)).toBeGreaterThan(0);
  });

  it('lets our parts come first and theirs later', async () => {
    await declareTopology(connection, shopTopology(), log);
    const foreign = onOwnChannel(connection, (channel) =>
      channel.assertExchange('shopping_events_exchange', 'x-consistent-hash', { durable: false }),
    );
    await expect(foreign).rejects.toThrow('PRECONDITION_FAILED');
    const same = onOwnChannel(connection, (channel) =>
      channel.assertExchange('customer_app_events', 'topic', { durable: true }),
    );
    await expect(same).resolves.toBeDefined();
  });
});

/** Sends an event of each of forty products; how many wait for each worker then. */
async function shares(): Promise<number[]> {
  const channel = await connection.model.createConfirmChannel();
  for (let n = 0; n < 40; n++) channel.publish('shopping_events_exchange', `P-${n}`, Buffer.from('{}'));
  await channel.waitForConfirms();
  const queues = await Promise.all(['worker01_queue', 'worker02_queue'].map((queue) => channel.checkQueue(queue)));
  await channel.close();
  return queues.map(({ messageCount }) => messageCount);
}

describe('checking the topology', () => {
  it('names everything that is missing, and declares nothing', async () => {
    const names = {
      exchanges: [{ name: 'none', type: 'topic', durable: true }],
      queues: [{ name: 'none', durable: true }],
    };
    const missing = [
      { thing: 'exchange none', differences: 'missing' },
      { thing: 'queue none', differences: 'missing' },
    ];
    expect(await checkTopology(connection, { ...names, bindings: [] })).toEqual(missing);
    expect(await checkTopology(connection, { ...names, bindings: [] })).toEqual(missing);
  });

  it('finds nothing in what was declared', async () => {
    await declareTopology(connection, shopTopology(['customer-1']), log);
    expect(await checkTopology(connection, shopTopology(['customer-1']))).toEqual([]);
  });

  it.each<[string, Options, readonly [string, unknown, unknown][]]>([
    ['is not durable', { durable: false }, [['durable', true, false]]],
    ['has other values', { arguments: { 'x-max-length': 5 } }, [['x-max-length', 10_000, 5]]],
    [
      'lacks one and has one more',
      { arguments: { 'x-overflow': undefined, 'x-message-ttl': 7 } },
      [
        ['x-message-ttl', undefined, 7],
        ['x-overflow', 'drop-head', undefined],
      ],
    ],
    ['is of another type', { arguments: { 'x-queue-type': 'quorum' } }, [['x-queue-type', undefined, 'quorum']]],
  ])('names every difference of a queue that %s', async (_, other, expected) => {
    const queue = { name: 'odd', durable: true, arguments: { 'x-max-length': 10_000, 'x-overflow': 'drop-head' } };
    const { name, ...options } = queue;
    const odd = { ...options, ...other, arguments: { ...options.arguments, ...other.arguments } };
    await onOwnChannel(connection, (channel) => channel.assertQueue(name, odd));
    const [deviation, ...more] = await checkTopology(connection, { exchanges: [], queues: [queue], bindings: [] });
    expect(more).toEqual([]);
    const found = deviation?.differences as readonly Difference[];
    // RabbitMQ 4 fills in the type that a declaration left out.
    const said = (value: unknown): unknown => (value === 'classic' ? undefined : value);
    const points = found.map(({ point, expected, found }) => [point, said(expected), found]);
    expect(points).toHaveLength(expected.length);
    expect(points).toEqual(expect.arrayContaining([...expected]));
    await onOwnChannel(connection, (channel) => channel.deleteQueue(name));
  });

  it('names every difference of an exchange', async () => {
    await onOwnChannel(connection, (channel) => channel.assertExchange('odd', 'direct', { durable: false }));
    const exchanges = [{ name: 'odd', type: 'topic', durable: true }];
    expect(await checkTopology(connection, { exchanges, queues: [], bindings: [] })).toMatchObject([
      {
        thing: 'exchange odd',
        differences: [
          { point: 'type', expected: 'topic', found: 'direct' },
          { point: 'durable', expected: true, found: false },
        ],
      },
    ]);
  });
});
