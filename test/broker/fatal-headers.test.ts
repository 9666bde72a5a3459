import { type Channel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { sizedValue, textPart, writeProperties, writeTable } from '../../lib/wire/properties.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { recordingLog } from '../support/broker/recording-log.js';

/** A node of its own, because a test may end its dead-lettering for good. */
let broker: PrivateBroker;
let connection: Connection;
let channel: Channel;

const QUEUE = 'orders';
const DEAD = 'orders.dead';
const STREAM = { durable: true, arguments: { 'x-queue-type': 'stream' } };
const QUORUM = { 'x-queue-type': 'quorum' };

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
  connection = await openConnection({ amqpUrl: broker.amqpUrl, connectionName: 'test', log: recordingLog() });
  channel = await connection.model.createChannel();
  await channel.assertExchange(DEAD, 'fanout', { durable: true });
  await channel.assertQueue(DEAD, { durable: true, arguments: QUORUM });
  for (const stream of ['dead.stream', 'orders.log']) await channel.assertQueue(stream, STREAM);
  for (const queue of [DEAD, 'dead.stream']) await channel.bindQueue(queue, DEAD, '');
  const safe = {
    'x-dead-letter-exchange': DEAD,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
  await channel.assertQueue(QUEUE, { durable: true, arguments: { ...QUORUM, ...safe } });
});

afterEach(() => stopAll());

afterAll(async () => {
  await connection.close();
  await broker.stop();
  await removeFolders();
});

const text = (value: string) => sizedValue('S', Buffer.from(value));
const number = Buffer.from('I\0\0\0\x05');
const pair = (name: string, value: Buffer) => Buffer.concat([Buffer.of(name.length), Buffer.from(name), value]);
const death = (...more: Buffer[]) =>
  sizedValue('F', ...more, pair('queue', text(QUEUE)), pair('reason', text('rejected')));

const FATAL: Readonly<Record<string, readonly [header: string, value: Buffer]>> = {
  'a number in x-death': ['x-death', sizedValue('A', number)],
  'a text in x-death': ['x-death', sizedValue('A', text('x'))],
  'a list in x-death': ['x-death', sizedValue('A', sizedValue('A'))],
  'nothing in x-death': ['x-death', sizedValue('A', Buffer.from('V'))],
  'a number behind a death': ['x-death', sizedValue('A', death(), number)],
  'a count that is a text': ['x-death', sizedValue('A', death(pair('count', text('z'))))],
  'a count twice': ['x-death', sizedValue('A', death(pair('count', text('z')), pair('count', number)))],
  'a decimal': ['d', Buffer.from('D\x01\0\0\0\x05')],
};

async function publish(id: string, header?: readonly [string, Buffer]): Promise<void> {
  const headers = header && writeTable([{ name: Buffer.from(header[0]), value: header[1] }]);
  const wire = writeProperties({ ...(headers && { headers }), messageId: textPart(id), deliveryMode: Buffer.of(2) });
  const publisher = await Publisher.open(connection, 10_000);
  const message = { exchange: '', routingKey: QUEUE, content: Buffer.from('{}'), messageId: id, mustRoute: true };
  expect(await publisher.publishAll([{ ...message, properties: {}, wire }])).toEqual([]);
  await publisher.close();
}

/** Ends the workers of a test, whatever its outcome. */
let stopAll = async (): Promise<void> => undefined;

/** Runs a worker that refuses everything. */
function refuseAll(amqpUrl: string) {
  const log = recordingLog();
  const over = new AbortController();
  const handled: (string | undefined)[] = [];
  const running = runQueue({
    amqpUrl,
    queue: QUEUE,
    handler: queueFunction('refusing', ({ messageId }) => {
      handled.push(messageId);
      return { rejected: 'not ours' };
    }),
    deadLetterLog: 'orders.log',
    log,
    signal: over.signal,
  });
  stopAll = async () => {
    over.abort();
    await running;
  };
  return { log, handled };
}

const deadLetters = async () => (await channel.checkQueue(DEAD)).messageCount;

it('no header that is fatal to the dead-lettering of RabbitMQ reaches it; what was removed is kept', async () => {
  for (const [id, header] of Object.entries(FATAL)) {
    await publish(id, header);
    await publish(`after ${id}`);
  }
  // The same id again: a copy of the rejected message.
  await publish('after a decimal', FATAL['a number in x-death']);
  const { log, handled } = refuseAll(broker.amqpUrl);
  const sent = 2 * Object.keys(FATAL).length + 1;
  await expect.poll(deadLetters).toBe(sent);
  expect(log.of('headers-removed')).toHaveLength(Object.keys(FATAL).length + 1);
  // Once each: no copy came again.
  expect(handled).toHaveLength(sent);
  expect((await channel.checkQueue(QUEUE)).messageCount).toBe(0);

  const removed = new Map<string, unknown>();
  const deaths = new Map<string, unknown>();
  const options = { queue: DEAD, log: 'orders.log', signal: new AbortController().signal };
  const { letters } = await listDeadLetters(connection, {
    ...options,
    onMessage: (_, { properties: { messageId, headers } }) => {
      removed.set(messageId, headers?.['removed-headers']);
      // RabbitMQ 4 also writes which death was the last one.
      const written = Object.entries(headers ?? {}).filter(([name]) => !/^(removed-headers|x-last-death-)/.test(name));
      deaths.set(messageId, Object.fromEntries(written));
    },
  });
  expect(new Set(letters.map(({ state, reason }) => `${state}: ${reason}`))).toEqual(new Set(['waiting: not ours']));
  for (const [id, [name, value]] of Object.entries(FATAL)) expect(removed.get(id)).toEqual({ [name]: value });
  // As RabbitMQ itself has written it for the next one.
  for (const id of Object.keys(FATAL)) {
    const theirs = deaths.get(`after ${id}`) as { readonly 'x-death': readonly object[] };
    expect(deaths.get(id)).toMatchObject({
      ...theirs,
      'x-death': [{ ...theirs['x-death'][0], time: { '!': 'timestamp', value: expect.any(Number) } }],
    });
  }
});

it('a copy comes again where its worker may not write to the dead-letter exchange', async () => {
  await channel.purgeQueue(DEAD);
  await broker.ctl('add_user', 'reader', 'secret');
  await broker.ctl('set_permissions', '-p', '/', 'reader', `^${QUEUE}$`, '^(amq.default|orders.log)$', '.*');
  const url = new URL(broker.amqpUrl);
  Object.assign(url, { username: 'reader', password: 'secret' });
  await publish('fatal', FATAL['a text in x-death']);
  const { log, handled } = refuseAll(url.href);
  await expect.poll(deadLetters).toBe(1);
  expect(handled).toEqual(['fatal', 'fatal']);
  expect(log.of('session-ended')).toEqual([]);
});

it('the hazard: such a header ends the dead-lettering of the whole node', async () => {
  const isRunning = () => broker.ctl('eval', 'whereis(rabbit_fifo_dlx_sup) =/= undefined.');
  expect(await isRunning()).toBe('true\n');
  // From 4.0 on RabbitMQ reads `x-death` with care, but no stream there accepts a decimal yet (tried with 4.0.5 and 4.3.6).
  const isOld = (await broker.ctl('version')).startsWith('3.');
  await publish('fatal', FATAL[isOld ? 'a number in x-death' : 'a decimal']);
  const bystander = await connect(broker.amqpUrl);
  const plain = await bystander.createChannel();
  await plain.consume(QUEUE, (message) => message && plain.nack(message, false, false));
  await expect.poll(isRunning).toBe('false\n');
  await bystander.close();
});
