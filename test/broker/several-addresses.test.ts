import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectError } from '../../lib/rabbitmq/connection/connect-error.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { amqpUrl, openScene, type Scene } from '../support/broker/broker.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';
import { type NetworkProxy, openProxy } from '../support/broker/proxy.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { openSickNode } from '../support/broker/sick-node.js';

let scene: Scene;
let proxy: NetworkProxy;
let runner: LocalRunner | undefined;

beforeEach(async () => {
  scene = await openScene();
  proxy = await openProxy();
});

afterEach(async () => {
  await runner?.stop();
  runner = undefined;
  await proxy.close().catch(() => undefined);
  await scene.close();
});

/** Nothing listens there. */
function dead(port: number): string {
  const url = new URL(amqpUrl);
  url.port = String(port);
  return url.href;
}

describe('of several addresses', () => {
  it('the first that lets us in serves; the log says which one, and no password', async () => {
    const log = recordingLog();
    const connection = await openConnection({ amqpUrl: `${dead(1)},${amqpUrl}`, connectionName: 'test', log });
    await connection.close();
    const { password, host } = new URL(amqpUrl);
    expect(log.of('other-address')).toEqual([expect.stringContaining(host)]);
    expect(log.lines.join('\n')).not.toContain(password);
    const first = recordingLog();
    const same = await openConnection({ amqpUrl: `${amqpUrl}, ${dead(1)}`, connectionName: 'test', log: first });
    await same.close();
    expect(first.of('first-address')).toEqual([expect.stringContaining(host)]);
    expect(first.lines).toHaveLength(1);
    const only = recordingLog();
    await (await openConnection({ amqpUrl, connectionName: 'test', log: only })).close();
    expect(only.lines).toEqual([]);
  });

  it('one that hangs does not keep us from the others; where all are slow, each gets all the time that it may have', async () => {
    const hour = 3_600_000;
    proxy.freeze();
    const options = { connectionName: 'test', log: recordingLog() };
    await (await openConnection({ ...options, amqpUrl: `${proxy.url},${amqpUrl}`, connectTimeoutMs: hour })).close();
    expect(options.log.of('other-address').join()).toContain('ETIMEDOUT');
    const clients: Socket[] = [];
    const slow = createServer((client) => clients.push(client.pause().on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(slow, 'listening');
    const url = dead((slow.address() as AddressInfo).port);
    const opening = openConnection({ ...options, amqpUrl: `${url},${dead(1)}`, connectTimeoutMs: hour });
    // The second time it waits.
    await expect.poll(() => clients.length).toBe(2);
    const { hostname, port } = new URL(amqpUrl);
    const client = clients[1] as Socket;
    client.pipe(connect(Number(port), hostname).on('error', () => undefined)).pipe(client);
    await (await opening).close();
    slow.close();
  });

  it('where none does, each says why', async () => {
    const opening = openConnection({ amqpUrl: `${dead(1)},${dead(2)}`, connectionName: 'test', log: recordingLog() });
    const error = await opening.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as Error).message).toMatch(/:1\/.*ECONNREFUSED.*:2\/.*ECONNREFUSED/s);
  });

  it('a runner goes on at the next one where the first is gone, and loses nothing', async () => {
    runner = startRunner(scene, { amqpUrl: `${proxy.url},${amqpUrl}` });
    for (const key of ['a', 'b']) scene.send({ key });
    await runner.settled(2);
    expect(runner.log.of('other-address')).toEqual([]);
    await proxy.close();
    await runner.logged('other-address');
    for (const key of ['c', 'd']) scene.send({ key });
    await runner.settled(4);
    expect(runner.batches.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(4);
  });

  it('a runner leaves a node that confirms the first messages of each channel only, and stays where that is the only one', async () => {
    const sick = await openSickNode();
    const options = { confirmTimeoutMs: 500, batchSize: 1 };
    runner = startRunner(scene, { ...options, amqpUrl: `${sick.url},${amqpUrl}` });
    for (let n = 0; n < 20; n++) scene.send({ key: `k${n}` });
    await runner.settled(20);
    expect(runner.log.of('other-address')).toHaveLength(1);
    expect(runner.log.of('session-ended')).toHaveLength(1);
    await runner.stop();
    runner = startRunner(scene, { ...options, amqpUrl: sick.url });
    for (let n = 0; n < 4; n++) scene.send({ key: `l${n}` });
    await runner.settled(4);
    expect(runner.log.of('publish-stuck').length).toBeGreaterThan(0);
    expect(runner.log.of('session-ended')).toEqual([]);
    await runner.stop();
    await sick.close();
  });

  it('a runner leaves a node that sends heartbeats and does not answer', async () => {
    const mute = await openSickNode({ answers: false });
    runner = startRunner(scene, { answerTimeoutMs: 300, amqpUrl: `${mute.url},${amqpUrl}` });
    scene.send({ key: 'a' });
    await runner.settled(1);
    expect(runner.log.of('session-ended').join()).toContain('has not answered for 300 ms');
    await runner.stop();
    await mute.close();
  });
});
