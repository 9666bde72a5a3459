import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { queueFunction } from '../../lib/lambda/function/queue-function.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { commandsPerTest } from '../support/system/commands.js';

const { useSharedBroker, start } = commandsPerTest();

const DEAD_LETTERS = 'shopping_events_dead_letter_queue';
const COUNT = 10_000;

it('ten thousand dead letters go back at a rate, through a Ctrl-C in between, each one once', async () => {
  const client = await connect(await useSharedBroker());
  const channel = await client.createConfirmChannel();
  expect(await start('smart-shopping', ['topology', 'declare']).ended).toBe(0);
  // The worker that refuses them is foreign: the log does not contain them.
  await channel.assertQueue('till', {
    arguments: { 'x-queue-type': 'quorum', 'x-dead-letter-exchange': 'shopping_events_dead_letter_exchange' },
  });
  for (let index = 0; index < COUNT; index++) {
    channel.sendToQueue('till', Buffer.from(`${index}`), { messageId: `m-${index}` });
  }
  await channel.waitForConfirms();
  const { consumerTag } = await channel.consume('till', (message) => {
    if (message !== null) channel.nack(message, false, false);
  });
  await expect.poll(async () => (await channel.checkQueue(DEAD_LETTERS)).messageCount).toBe(COUNT);
  await channel.cancel(consumerTag);

  const redrive = () => start('smart-shopping', ['dead-letters', 'redrive', '--all', '--rate', '4000', '--json']);
  const first = redrive();
  const sent = async () => (await channel.checkQueue('till')).messageCount;
  await expect.poll(sent).toBeGreaterThan(500);
  first.process.kill('SIGINT');
  expect(await first.ended).toBe(1);
  expect(first.stderr()).toMatch(/Stopped: \d+ still wait\. Run the same command to continue\./);
  const { redriven, notReached, left } = JSON.parse(first.stdout());
  expect([redriven + notReached, left]).toEqual([COUNT, []]);
  expect(await sent()).toBe(redriven);

  const second = redrive();
  expect(await second.ended).toBe(0);
  expect(JSON.parse(second.stdout())).toEqual({ redriven: COUNT - redriven, left: [], notReached: 0 });
  const bodies = new Set<string>();
  await channel.consume('till', (message) => void bodies.add(String(message?.content)), { noAck: true });
  await expect.poll(() => bodies.size).toBe(COUNT);
  await client.close();
});

it('what a worker refused is listed with its reason, shown, and purged only when somebody says so', async () => {
  const client = await connect(await useSharedBroker());
  const channel = await client.createConfirmChannel();
  const letters = (...args: string[]) => start('smart-shopping', ['dead-letters', ...args]);

  const tooEarly = letters('list');
  expect(await tooEarly.ended).toBe(1);
  expect(tooEarly.stderr()).toContain('`topology declare` creates it');

  const worker = start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue']);
  await expect.poll(worker.stderr).toMatch(/is ready on/);
  channel.sendToQueue('worker01_queue', Buffer.from([0x7b, 0xff, 0x1b]), { messageId: 'no UTF-8' });
  const large = JSON.stringify({
    event_type: 'pick up',
    product_number: 'NOBODYS',
    timestamp: '2026-01-01T10:00:00',
    padding: '\u001b[31m'.repeat(150_000),
  });
  channel.sendToQueue('worker01_queue', Buffer.from(large), { messageId: 'large' });
  await channel.waitForConfirms();
  await expect.poll(async () => (await channel.checkQueue(DEAD_LETTERS)).messageCount).toBe(2);

  const list = letters('list', '--json');
  expect(await list.ended).toBe(0);
  const found = JSON.parse(list.stdout());
  expect(found).toMatchObject([
    { state: 'waiting', reason: 'undecodable', queue: 'worker01_queue', messageId: 'no UTF-8' },
    { state: 'waiting', reason: 'undecodable', queue: 'worker01_queue', messageId: 'large', bytes: large.length },
  ]);
  const table = letters('list');
  expect(await table.ended).toBe(0);
  expect(table.stdout()).toContain(found[0].id.slice(0, 8));
  expect(table.stderr()).toContain('2 waiting: undecodable');

  const garbled = letters('show', found[0].id.slice(0, 5));
  expect(await garbled.ended).toBe(0);
  expect(garbled.stdout()).toContain('7b ff 1b');
  const cut = letters('show', found[1].id);
  expect(await cut.ended).toBe(0);
  expect(cut.stdout()).toMatch(/\.\.\. and \d+ characters more; --json has all/);
  // A stranger's escape sequences do not reach the terminal.
  expect(cut.stdout()).not.toContain('\u001b');
  const whole = letters('show', found[1].id, '--json');
  expect(await whole.ended).toBe(0);
  expect(Buffer.from(JSON.parse(whole.stdout()).bodyBase64, 'base64').toString()).toBe(large);

  const { consumerTag } = await channel.consume(DEAD_LETTERS, () => undefined);
  const robbed = letters('list');
  expect(await robbed.ended).toBe(0);
  expect(robbed.stderr()).toContain(
    '2 missing from the queue: another consumer took them, or the broker does not dead-letter',
  );
  expect(robbed.stderr()).toContain('Another consumer listens to shopping_events_dead_letter_queue');
  await channel.cancel(consumerTag);
  await channel.recover();

  expect(await letters('redrive').ended).toBe(2);
  expect(await letters('redrive', 'fff', '--all').ended).toBe(2);
  expect(await letters('purge', '--all').ended).toBe(2);
  expect(await letters('show', 'nothing').ended).toBe(1);
  const purge = letters('purge', found[0].id, '--yes');
  expect([await purge.ended, purge.stdout()]).toEqual([0, '1 purged\n']);
  const rest = letters('list', '--all', '--json');
  expect(await rest.ended).toBe(0);
  expect(JSON.parse(rest.stdout())).toMatchObject([{ state: 'purged' }, { state: 'waiting', messageId: 'large' }]);
  await client.close();
});

it("of any service's queue they are listed and sent back, with their reasons where it keeps a log", async () => {
  const amqpUrl = await useSharedBroker();
  const client = await connect(amqpUrl);
  const channel = await client.createConfirmChannel();
  const deadLetters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'orders.dead' };
  await channel.assertQueue('orders', { durable: true, arguments: deadLetters });
  await channel.assertQueue('orders.dead', { durable: true });
  const send = async (...bodies: string[]) => {
    for (const body of bodies) channel.sendToQueue('orders', Buffer.from(body), { messageId: body });
    await channel.waitForConfirms();
  };
  const letters = (...args: string[]) => start('smart-shopping', ['dead-letters', ...args, '-q', 'orders.dead']);

  // As any program does.
  await send('one', 'two');
  for (let n = 0; n < 2; n++) {
    const got = await channel.get('orders');
    if (got !== false) channel.nack(got, false, false);
  }
  await expect.poll(async () => (await channel.checkQueue('orders.dead')).messageCount).toBe(2);
  const list = letters('list');
  expect({ code: await list.ended, stdout: list.stdout() }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/ one .* two /s),
  });
  expect(list.stderr()).toContain('2 waiting: rejected, without a reason in the log\n');
  expect(await letters('redrive', '--all').ended).toBe(0);
  await expect.poll(async () => (await channel.checkQueue('orders')).messageCount).toBe(2);

  // As a runner with a log does.
  const stream = { durable: true, arguments: { 'x-queue-type': 'stream' } };
  await channel.assertQueue('orders.log', stream);
  const stop = new AbortController();
  const running = runQueue({
    amqpUrl,
    queue: 'orders',
    handler: queueFunction('orders', () => ({ rejected: 'not ours' })),
    deadLetterLog: 'orders.log',
    log: recordingLog(),
    signal: stop.signal,
  });
  await expect.poll(async () => (await channel.checkQueue('orders.dead')).messageCount).toBe(2);
  stop.abort();
  await running;
  const told = letters('list', '--log', 'orders.log');
  expect({ code: await told.ended, stderr: told.stderr() }).toEqual({
    code: 0,
    stderr: expect.stringContaining('2 waiting: not ours\n'),
  });
  expect(await letters('purge', '--all', '--yes', '--log', 'orders.log').ended).toBe(0);
  const all = letters('list', '--all', '--json', '--log', 'orders.log');
  expect(await all.ended).toBe(0);
  expect(JSON.parse(all.stdout())).toMatchObject([{ state: 'purged' }, { state: 'purged' }]);

  const missing = start('smart-shopping', ['dead-letters', 'list', '-q', 'nowhere']);
  expect({ code: await missing.ended, stderr: missing.stderr() }).toEqual({
    code: 1,
    stderr: 'There is no nowhere here: --queue names another.\n',
  });
  await client.close();
});
