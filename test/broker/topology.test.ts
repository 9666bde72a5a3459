import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shopTopology } from '../../infra/topology/shop-topology.js';
import { onOwnChannel } from '../../lib/rabbitmq/connection/channel.js';
import { type Connection, openConnection } from '../../lib/rabbitmq/connection/connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { type RecordingLog, recordingLog } from './support/recording-log.js';

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
    expect(log.lines).toEqual([expect.stringMatching(/^warn queue worker01_queue exists with other arguments/)]);
    expect(log.lines.join()).toContain("inequivalent arg 'x-dead-letter-exchange'");
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
