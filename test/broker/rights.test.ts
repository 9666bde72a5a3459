import { type Channel, type ConsumeMessage, connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { shopTopology } from '../../infra/shop/topology/shop-topology.js';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { FatalError } from '../../lib/rabbitmq/connection/fatal-error.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { removeLetters } from '../../lib/rabbitmq/dead-letters/remove-letters.js';
import { record } from '../../lib/rabbitmq/recording/record.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { declareTopology, type Topology } from '../../lib/rabbitmq/topology/topology.js';
import { REQUESTS_EXCHANGE } from '../../lib/recording/request.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { addUsers, type NewUser } from '../support/broker/users.js';
import { start } from '../support/system/child.js';

/** A node of its own, for users of its own. */
let broker: PrivateBroker;

const PASSWORD = 'pä$$wörd % 密碼 :@/';

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
  await addUsers(broker, { name: 'zoë', password: PASSWORD, rights: ['.*', '.*', '.*'] });
});

afterAll(async () => {
  await broker.stop();
  await removeFolders();
});

function open(amqpUrl: string): Promise<Connection> {
  return openConnection({ amqpUrl, connectionName: 'test', log: recordingLog() });
}

/** A handler that keeps the ids of what it handles. */
function collecting() {
  const handled: string[] = [];
  const handler = queueFunction('collecting', ({ messageId }) => {
    handled.push(`${messageId}`);
    return { outgoing: [] };
  });
  return { handled, handler };
}

function addressOf(user: string, password: string): string {
  const url = new URL(broker.amqpUrl);
  return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${url.host}`;
}

it('a user and a password of any characters are let in', async () => {
  await (await open(addressOf('zoë', PASSWORD))).close();
});

it.each(['amqp:local:secret@127.0.0.1', 'http://local:secret@127.0.0.1', 'amqp://local:secret%@127.0.0.1', 'secret'])(
  'what is no address is refused, and neither tried elsewhere nor printed: %s',
  async (amqpUrl) => {
    const opening = open(amqpUrl);
    await expect(opening).rejects.toThrow(FatalError);
    await expect(opening).rejects.not.toThrow(/secret/);
  },
);

it('a redrive that may not mark sends nothing', async () => {
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createChannel();
  const stream = { durable: true, arguments: { 'x-queue-type': 'stream' } };
  await channel.assertQueue('log', stream);
  await channel.assertExchange('orders', 'fanout', { durable: true });
  const deadLetters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' };
  await channel.assertQueue('orders', { durable: true, arguments: deadLetters });
  await channel.assertQueue('dead', { durable: true });
  await channel.bindQueue('orders', 'orders', '');
  for (const n of [1, 2, 3]) channel.publish('orders', '', Buffer.from(`${n}`), { messageId: `${n}` });
  await expect.poll(async () => (await channel.checkQueue('orders')).messageCount).toBe(3);
  for (let got = await channel.get('orders'); got; got = await channel.get('orders')) channel.nack(got, false, false);
  await expect.poll(async () => (await channel.checkQueue('dead')).messageCount).toBe(3);

  // May send to the exchange that they came from, and to nothing else.
  await addUsers(broker, { name: 'clerk', password: 'clerk', rights: ['.*', '^orders$', '.*'] });
  const connection = await open(addressOf('clerk', 'clerk'));
  const places = { queue: 'dead', log: 'log', signal: new AbortController().signal };
  const { letters } = await listDeadLetters(connection, places);
  expect(letters).toHaveLength(3);
  for (const kind of ['redrive', 'purge'] as const) {
    await expect(removeLetters(connection, kind, letters, places)).rejects.toThrow(
      /nothing can be marked in log: .*ACCESS.REFUSED/,
    );
  }
  await connection.close();
  await expect.poll(async () => (await channel.checkQueue('dead')).messageCount).toBe(3);
  expect((await channel.checkQueue('orders')).messageCount).toBe(0);
  await setUp.close();
});

it.each([
  ['produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1']],
  ['smart-shopping', ['produce', '--count', '5']],
] as const)('%s names the right that it lacks, and ends without waiting for a heartbeat', async (command, args) => {
  const connection = await open(broker.amqpUrl);
  await declareTopology(connection, shopTopology(), recordingLog());
  await connection.close();
  await addUsers(broker, { name: command, password: 'reads', rights: ['^$', '^$', '.*'] });
  const env = { AMQP_URL: addressOf(command, 'reads') };
  const child = start(await newFolder(), command, args, env);
  expect(await child.ended).toBe(1);
  expect(child.stderr()).toContain(
    `access to exchange 'shopping_events_exchange' in vhost '/' refused for user '${command}'`,
  );
  expect(child.stderr()).not.toContain('eartbeat');
});

it('who may not write to the exchange of recordings records nothing; a runner that may not declare it works on', async () => {
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createChannel();
  await channel.assertQueue('recorded', { durable: true });
  await addUsers(broker, {
    name: 'modest',
    password: 'modest',
    rights: ['^amq\\.gen', '^(amq\\.gen|recorded$)', '.*'],
  });
  const log = recordingLog();
  const stop = new AbortController();
  const { handled, handler } = collecting();
  const options = { queue: 'recorded', handler, log, signal: stop.signal, recordable: true };
  const modest = runQueue({ ...options, amqpUrl: addressOf('modest', 'modest') });
  await expect.poll(() => log.of('not-recordable')).toHaveLength(1);
  channel.sendToQueue('recorded', Buffer.from('{}'), { messageId: 'one' });
  await expect.poll(() => handled).toEqual(['one']);

  const mighty = runQueue({ ...options, amqpUrl: broker.amqpUrl });
  const connection = await open(addressOf('modest', 'modest'));
  await expect.poll(() => exists(connection, (own) => own.checkExchange(REQUESTS_EXCHANGE))).toBe(true);
  const recording = record(connection, { queue: 'recorded', signal: stop.signal, onLine: () => undefined });
  await expect(recording).rejects.toThrow(/access to exchange 'smart-shopping.recordings'.* refused/);
  await connection.close();
  stop.abort();
  await Promise.all([modest, mighty]);
  await setUp.close();
});

it('a password that is renewed while a runner works is asked for again', async () => {
  await addUsers(broker, { name: 'renewed', password: 'first', rights: ['.*', '.*', '.*'] });
  let password = 'first';
  const log = recordingLog();
  const stop = new AbortController();
  const { handled, handler } = collecting();
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createChannel();
  await channel.assertQueue('renewed', { durable: true });
  const amqpUrl = async () => addressOf('renewed', password);
  const backoff = { firstMs: 10, maxMs: 100 };
  const running = runQueue({ amqpUrl, queue: 'renewed', handler, log, backoff, signal: stop.signal });
  channel.sendToQueue('renewed', Buffer.from('{}'), { messageId: 'one' });
  await expect.poll(() => handled).toEqual(['one']);
  await broker.ctl('change_password', 'renewed', 'second');
  await broker.ctl('close_all_user_connections', 'renewed', 'renewed');
  await expect.poll(() => log.of('connect-failed').length).toBeGreaterThan(0);
  password = 'second';
  channel.sendToQueue('renewed', Buffer.from('{}'), { messageId: 'two' });
  await expect.poll(() => handled).toEqual(['one', 'two']);
  stop.abort();
  await running;
  await setUp.close();
});

/** Configure, write and read, each as the documentation names it. */
const ENOUGH: Readonly<Record<string, readonly [rights: NewUser['rights'], options: object]>> = {
  'a runner': [['^own$', '^out$', '^own$'], {}],
  'one with a changelog': [
    ['^own(\\.changelog)?$', '^(out|own\\.changelog)$', '^own(\\.changelog)?$'],
    { changelog: {} },
  ],
  'one with a dead-letter log': [['^own$', '^(out|log)$', '^own$'], { deadLetterLog: 'log' }],
  'one that may be recorded': [
    [
      '^(own|smart-shopping\\.recordings|amq\\.gen.*)$',
      '^(out|smart-shopping\\.recordings|amq\\.gen.*)$',
      '^(own|smart-shopping\\.recordings|amq\\.gen.*)$',
    ],
    { recordable: true },
  ],
};

/** A runner's queue, `own`, the targets of its messages and rejections, and a log; all of them empty. */
async function ownScene(channel: Channel): Promise<Topology> {
  await channel.assertExchange('out', 'fanout', { durable: true });
  await channel.assertQueue('log', { durable: true, arguments: { 'x-queue-type': 'stream' } });
  await channel.assertExchange('log', 'fanout', { durable: true });
  await channel.bindQueue('log', 'log', '');
  for (const queue of ['own', 'sink', 'refused']) await channel.deleteQueue(queue);
  const deadLetters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'refused' };
  const own = { durable: true, arguments: deadLetters };
  await channel.assertQueue('own', own);
  for (const queue of ['sink', 'refused']) await channel.assertQueue(queue, { durable: true });
  await channel.bindQueue('sink', 'out', '');
  return {
    exchanges: [{ name: 'out', type: 'fanout', durable: true }],
    queues: [{ name: 'own', ...own }],
    bindings: [],
  };
}

const either = queueFunction('either', ({ messageId }) => {
  if (messageId?.startsWith('bad')) return { rejected: 'bad' };
  const outgoing = { exchange: 'out', routingKey: '', body: {}, messageId: 'sent', type: 'sent', mustRoute: true };
  return { outgoing: [outgoing] };
});

it.each(
  Object.entries(ENOUGH).flatMap(([name, [rights, options]]) => [
    [`${name} that sees its queue`, rights, options, false] as const,
    [`${name} with no right to configure`, ['^amq\\.gen.*$', rights[1], rights[2]], options, true] as const,
  ]),
)('%s sends and rejects with no more rights than the documentation names', async (name, rights, options, isPassive) => {
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createChannel();
  const topology = await ownScene(channel);
  await addUsers(broker, { name: name, password: 'enough', rights: rights });
  const stop = new AbortController();
  const log = recordingLog();
  const amqpUrl = addressOf(name, 'enough');
  // A user who may not configure the queue does not see where dead letters go.
  const running = runQueue({
    amqpUrl,
    queue: 'own',
    handler: either,
    log,
    signal: stop.signal,
    ...(isPassive && { topology }),
    ...options,
  });
  // The changelog of another case knows its messages.
  for (const id of ['good', 'bad']) channel.sendToQueue('own', Buffer.from('{}'), { messageId: `${id} for ${name}` });
  for (const queue of ['sink', 'refused']) {
    await expect.poll(async () => (await channel.checkQueue(queue)).messageCount).toBe(1);
  }
  expect(log.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  stop.abort();
  await running;
  await setUp.close();
});

it('a message of the last record that this user may not send holds up its start no longer than an outage', async () => {
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createConfirmChannel();
  const topology = await ownScene(channel);
  const handler = queueFunction('defaulting', ({ messageId = '' }) => ({
    outgoing: [{ exchange: '', routingKey: 'sink', body: {}, messageId, type: 'sent', mustRoute: true }],
  }));
  const killed = new AbortController();
  const options = { queue: 'own', handler, topology, changelog: {}, youngQueueMs: 0 };
  const confirmed = (step: string): void => {
    if (step === 'confirmed') killed.abort();
  };
  const started = { ...options, log: recordingLog(), signal: killed.signal };
  channel.sendToQueue('own', Buffer.from('{}'), { messageId: 'before' });
  await runQueue({ ...started, amqpUrl: broker.amqpUrl, onStep: confirmed });
  // What a kill before the confirm would have left: the record again, as the last one.
  const records: ConsumeMessage[] = [];
  const reader = await setUp.createChannel();
  await reader.prefetch(100);
  await reader.consume('own.changelog', (record) => record && records.push(record), {
    arguments: { 'x-stream-offset': 'first' },
  });
  const batches = () => records.filter(({ properties }) => properties.type === 'batch');
  await expect.poll(() => batches().some(({ content }) => content.includes('before'))).toBe(true);
  channel.publish('own.changelog', '', batches().at(-1)?.content as Buffer, { type: 'batch' });
  await channel.waitForConfirms();

  const queues = '^own(\\.changelog)?$';
  await addUsers(broker, { name: 'later', password: 'enough', rights: ['^$', `${queues}|^refusals$`, queues] });
  await channel.assertExchange('refusals', 'fanout', { durable: true });
  await channel.bindQueue('refused', 'refusals', '');
  const stop = new AbortController();
  const log = recordingLog();
  const [own] = topology.queues;
  const refusals = { ...own, name: 'own', durable: true, arguments: { 'x-dead-letter-exchange': 'refusals' } };
  const running = runQueue({
    ...options,
    handler: queueFunction('nothing', () => ({ outgoing: [] })),
    topology: { ...topology, queues: [refusals] },
    outageMs: 300,
    log,
    signal: stop.signal,
    amqpUrl: addressOf('later', 'enough'),
  });
  channel.sendToQueue('own', Buffer.from('{}'), { messageId: 'after' });
  await expect.poll(() => log.of('outgoing-set-aside')).toHaveLength(1);
  expect(log.of('outgoing-set-aside')[0]).toMatch(/ACCESS.REFUSED/);
  expect(log.of('session-ended')).toEqual([]);
  await expect.poll(async () => (await channel.checkQueue('own')).messageCount).toBe(0);
  expect((await channel.checkQueue('refused')).messageCount).toBe(1);
  stop.abort();
  await running;
  await setUp.close();
});

it('who may not declare what is missing is told so, with the command that does, and begins when it is there', async () => {
  await addUsers(broker, { name: 'passive', password: 'enough', rights: ['^$', '^new', '^new'] });
  const log = recordingLog();
  const stop = new AbortController();
  const { handled, handler } = collecting();
  const topology = {
    exchanges: [],
    queues: [{ name: 'new', durable: true }],
    bindings: [],
    declaredBy: '`the-command`',
  };
  const options = { queue: 'new', handler, log, topology, changelog: {}, signal: stop.signal };
  const backoff = { firstMs: 10, maxMs: 100 };
  const running = runQueue({ ...options, backoff, amqpUrl: addressOf('passive', 'enough') });
  const refusals = () => log.of('connect-failed').join();
  await expect.poll(refusals).toContain('"undeclared":"queue new"');
  expect(log.lines.join()).toContain('`the-command`');
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createChannel();
  await channel.assertQueue('new', { durable: true });
  await expect.poll(refusals).toContain('"undeclared":"stream new.changelog"');
  const administrator = new AbortController();
  const declaring = runQueue({ ...options, amqpUrl: broker.amqpUrl, signal: administrator.signal });
  await expect.poll(async () => (await channel.checkQueue('new')).consumerCount).toBeGreaterThan(0);
  administrator.abort();
  await declaring;
  channel.sendToQueue('new', Buffer.from('{}'), { messageId: 'one' });
  await expect.poll(() => handled).toEqual(['one']);
  stop.abort();
  await running;
  await setUp.close();
});

it('runners that share an exchange hand over with no more rights than the documentation names', async () => {
  const setUp = await connect(broker.amqpUrl);
  const channel = await setUp.createConfirmChannel();
  await channel.assertExchange('shared', 'x-consistent-hash', { durable: true });
  const queues = '^shared-\\d(\\.changelog|\\.handover)?$|^shared\\.rescale$';
  await addUsers(broker, { name: 'member', password: 'enough', rights: [queues, queues, `${queues}|^shared$`] });
  const stop = new AbortController();
  const start = (name: string) => {
    const log = recordingLog();
    const store = new StagedStore<true>();
    const handler = queueFunction<true>('sharing', ({ messageId = '' }, staged) => {
      staged.set(messageId, true);
      return { outgoing: [] };
    });
    const queue = { name, durable: true, arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true } };
    const ended = runQueue<true>({
      amqpUrl: addressOf('member', 'enough'),
      queue: name,
      topology: { exchanges: [], queues: [queue], bindings: [] },
      handler,
      store,
      changelog: {},
      rescale: { exchange: 'shared', settleMs: 100 },
      log,
      signal: stop.signal,
    });
    return { log, store, ended };
  };
  const first = start('shared-1');
  await expect.poll(() => first.log.of('rescale-took')).toHaveLength(1);
  for (let n = 0; n < 50; n++) channel.publish('shared', `k${n}`, Buffer.from('{}'), { messageId: `k${n}` });
  await channel.waitForConfirms();
  await expect.poll(() => first.store.size).toBe(50);
  const second = start('shared-2');
  await expect.poll(() => second.store.size).toBeGreaterThan(10);
  expect(first.store.size + second.store.size).toBe(50);
  stop.abort();
  await Promise.all([first.ended, second.ended]);
  await setUp.close();
});
