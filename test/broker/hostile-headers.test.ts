import { once } from 'node:events';
import { connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { removeLetters } from '../../lib/rabbitmq/dead-letters/remove-letters.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { sizedValue, textPart, type WireProperties, writeProperties, writeTable } from '../../lib/wire/properties.js';
import { amqpUrl, eventually, openScene, type Scene } from '../support/broker/broker.js';
import { type LocalRunner, startRunner } from '../support/broker/local-runner.js';
import { recordingLog } from '../support/broker/recording-log.js';

let scene: Scene;
let connection: Connection;
let runner: LocalRunner | undefined;

beforeEach(async () => {
  scene = await openScene();
  connection = await openConnection({ amqpUrl, connectionName: 'stranger', log: recordingLog() });
});

afterEach(async () => {
  await runner?.stop();
  await connection.close();
  await scene.close();
});

function nestedList(levels: number): Buffer {
  let list = sizedValue('A', Buffer.alloc(0));
  for (let level = 1; level < levels; level++) list = sizedValue('A', list);
  return list;
}

const LEVELS = 5_000;
const DEEP: WireProperties = {
  headers: writeTable([{ name: Buffer.from('deep'), value: nestedList(LEVELS) }]),
  messageId: textPart('hostile'),
};

/** As a program in any language may send it. */
async function publish(queue: string, properties: WireProperties): Promise<void> {
  const publisher = await Publisher.open(connection, 10_000);
  const wire = writeProperties({ ...properties, deliveryMode: Buffer.of(2) });
  const message = {
    exchange: '',
    routingKey: queue,
    content: Buffer.from('{"key":"a"}'),
    messageId: 'hostile',
    mustRoute: true,
  };
  expect(await publisher.publishAll([{ ...message, properties: {}, wire }])).toEqual([]);
  await publisher.close();
}

describe('a header nested 5,000 deep', () => {
  it('is rejected with its reason, and all around it is handled', async () => {
    scene.send({ key: 'a' }, { messageId: 'before' });
    await publish(scene.queue, DEEP);
    scene.send({ key: 'a' }, { messageId: 'after' });
    runner = startRunner(scene);
    await runner.settled(3);
    expect(runner.log.of('session-ended')).toEqual([]);
    expect(runner.store.get('a')).toBe(2);
    expect(runner.batches.flatMap(({ rejected }) => rejected)).toEqual([
      { messageId: 'hostile', reason: 'headers nested deeper than 512, or of an unknown type: "deep"' },
    ]);
    await eventually(async () => (await scene.waiting(scene.deadLetters)) === 1);
  });

  it('is listed among the dead letters, sent back as it was, and purged', async () => {
    await publish(scene.queue, DEEP);
    runner = startRunner(scene);
    await runner.settled(1);
    const signal = new AbortController().signal;
    const places = { queue: scene.deadLetters, log: undefined, signal };
    await eventually(async () => (await scene.waiting(scene.deadLetters)) === 1);
    const { letters } = await listDeadLetters(connection, places);
    expect(letters).toMatchObject([{ state: 'waiting', queue: scene.queue, messageId: 'hostile' }]);

    expect(await removeLetters(connection, 'redrive', letters, places)).toEqual({ done: 1, left: [] });
    await runner.settled(2);
    await eventually(async () => (await scene.waiting(scene.deadLetters)) === 1);
    const again = await listDeadLetters(connection, places);
    expect(again.letters).toMatchObject([{ state: 'waiting', redrives: 1 }]);
    expect(await removeLetters(connection, 'purge', again.letters, places)).toEqual({ done: 1, left: [] });
    expect(await scene.waiting(scene.deadLetters)).toBe(0);
  });

  it('ends the decoder of a client without this guard: the hazard', async () => {
    await publish(scene.bills, DEEP);
    const model = await connect(amqpUrl);
    const lost = once(model, 'error');
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    await channel.consume(scene.bills, () => undefined);
    expect(await lost).toEqual([expect.any(RangeError)]);
  });
});

it('headers that fill a whole frame are dead-lettered, and stay there: with a count of redrives no frame holds them', async () => {
  const ofText = (bytes: number): WireProperties => ({
    headers: writeTable([{ name: Buffer.from('n'), value: sizedValue('S', Buffer.alloc(bytes, 't')) }]),
    messageId: textPart('hostile'),
    deliveryMode: Buffer.of(2),
  });
  const others = writeProperties(ofText(0)).length;
  const largest = ofText(connection.mostPropertyBytes - others);
  await publish(scene.queue, largest);
  scene.send({ key: 'a' }, { messageId: 'after' });
  runner = startRunner(scene, {
    handler: queueFunction('picky', ({ messageId }) =>
      messageId === 'hostile' ? { rejected: 'no' } : { outgoing: [] },
    ),
  });
  await runner.settled(2);
  await eventually(async () => (await scene.waiting(scene.deadLetters)) === 1);
  const places = { queue: scene.deadLetters, log: undefined, signal: new AbortController().signal };
  const { letters } = await listDeadLetters(connection, places);
  expect(await removeLetters(connection, 'redrive', letters, places)).toMatchObject({
    done: 0,
    left: [{ problem: 'its headers are larger than the broker accepts' }],
  });
  expect(await removeLetters(connection, 'purge', letters, places)).toEqual({ done: 1, left: [] });
});

it('thousands of headers, and names and texts of every size, are handled', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({
    name: Buffer.from(index.toString(36)),
    value: Buffer.from('V'),
  }));
  const long = [{ name: Buffer.alloc(255, 'n'), value: sizedValue('S', Buffer.alloc(120_000, 't')) }];
  for (const headers of [many, long]) await publish(scene.queue, { headers: writeTable(headers) });
  scene.send({ key: 'a' });
  runner = startRunner(scene);
  await runner.settled(3);
  expect(runner.log.of('session-ended')).toEqual([]);
  expect(runner.store.get('a')).toBe(3);
});
