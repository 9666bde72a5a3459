import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Channel, connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Child, startNode } from '../support/system/child.js';
import { collect, createService, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

const COMMAND = 'node_modules/smart-shopping/dist/infra/shop/commands/smart-shopping.js';

let service: OfflineService;
let amqpUrl: string;
let channel: Channel;
let close: () => Promise<void>;
let polling: Child[];

beforeEach(async () => {
  service = createService(
    { [join(inject('installedPackage'), 'node_modules')]: 'node_modules', 'test/system/services/plain': '.' },
    { 'node_modules/serverless': 'node_modules/serverless' },
  );
  amqpUrl = ownVirtualHost();
  const model = await connect(amqpUrl);
  channel = await model.createChannel();
  close = () => model.close();
  polling = [];
});

afterEach(async () => {
  for (const { process } of polling) if (process.exitCode === null) process.kill('SIGKILL');
  await close();
  await service.remove();
});

function poll(args: readonly string[], env: Record<string, string> = { AMQP_URL: amqpUrl }): Child {
  const child = startNode(service.folder, COMMAND, ['poll', ...args], env);
  polling.push(child);
  return child;
}

async function served(child: Child): Promise<Child> {
  await expect.poll(child.stderr).toMatch(/queues are served/);
  return child;
}

async function stop({ process, ended }: Child): Promise<number | string> {
  process.kill('SIGTERM');
  return ended;
}

const send = (queue: string, body: unknown, messageId: string) =>
  channel.sendToQueue(queue, Buffer.from(JSON.stringify(body)), { messageId, persistent: true });

describe('poll', () => {
  it('feeds the functions of a service, those alone that it is asked for, and ends well at SIGTERM', async () => {
    const [all, invoices] = [await served(poll([])), await served(poll(['--function', 'invoices']))];
    expect(all.stderr()).toContain('All queues are served: 2.\n');
    expect(invoices.stderr()).toContain('All queues are served: 1.\n');
    expect(all.stderr()).not.toContain(new URL(amqpUrl).password);
    const done = await collect(channel, 'done');
    send('orders', 1, 'a');
    await expect.poll(() => done).toHaveLength(1);
    expect(done[0]).toEqual({ order: 1, greeting: 'hello world', version: 1, function: 'plain-dev-invoices' });
    expect(await Promise.all([stop(all), stop(invoices)])).toEqual([0, 0]);
    for (let n = 0; n < 5; n++) send('orders', n, `later ${n}`);
    await expect.poll(async () => (await channel.checkQueue('orders')).messageCount).toBe(5);
    const [left] = [await served(poll(['--queue', 'orders']))];
    await expect.poll(async () => (await channel.checkQueue('invoices')).messageCount).toBe(5);
    expect(await stop(left as Child)).toBe(0);
  });

  it('tells how it is over HTTP: whether it is running, whether every queue is served, and what it has done', async () => {
    const child = await served(poll(['--health-port', '0', '-q', 'invoices']));
    const origin = /^Health: (http:\/\/127\.0\.0\.1:\d+)\/readyz$/m.exec(child.stderr())?.[1] ?? '';
    const ask = async (path: string) => {
      const answer = await fetch(`${origin}${path}`);
      return [answer.status, await answer.text()] as const;
    };
    expect(await ask('/healthz')).toEqual([200, '{"status":"up"}']);
    expect(await ask('/readyz')).toEqual([200, '{"status":"ready"}']);
    expect((await ask('/metrics'))[1]).toContain('received_total{function="invoices",queue="invoices"} 0\n');
    send('invoices', { order: 1 }, 'a');
    const metric = async (line: string) => (await ask('/metrics'))[1].includes(line);
    const labels = '{function="invoices",queue="invoices"}';
    await expect.poll(() => metric(`smart_shopping_messages_received_total${labels} 1\n`)).toBe(true);
    expect(await metric(`smart_shopping_subscribed${labels} 1\n`)).toBe(true);
    expect(await metric('process_resident_memory_bytes')).toBe(true);

    await channel.deleteQueue('invoices');
    await expect.poll(() => ask('/readyz')).toEqual([503, '{"status":"not ready","waiting":["invoices invoices"]}']);
    expect(await ask('/healthz')).toEqual([200, '{"status":"up"}']);
    await channel.assertQueue('invoices');
    await expect.poll(() => ask('/readyz')).toEqual([200, '{"status":"ready"}']);
    expect((await ask('/else'))[0]).toBe(404);
    const foreign = await fetch(`${origin}/metrics`, { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
    expect(await stop(child)).toBe(0);
  });

  it('logs lines of JSON, which name the queue, the invocation as its handler names it, and the trace', async () => {
    writeFileSync(
      join(service.folder, 'pick.cjs'),
      `exports.handler = async (event, { awsRequestId }) => {
        console.error(JSON.stringify({ seen: awsRequestId }));
        throw new Error('not today');
      };`,
    );
    await channel.assertQueue('picky');
    const child = await served(poll(['--json', '--handler', 'pick.handler', '-q', 'picky']));
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    channel.sendToQueue('picky', Buffer.from('1'), { headers: { traceparent } });
    const lines = () =>
      child
        .stderr()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    await expect.poll(() => lines().find(({ code }) => code === 'handler-fails')).toBeDefined();
    expect(lines().find(({ code }) => code === 'handler-fails')).toMatchObject({
      level: 'ERROR',
      service: 'pick',
      queue: 'picky',
      function_request_id: lines().find(({ seen }) => seen !== undefined).seen,
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      error: { message: 'not today' },
    });
    expect(await stop(child)).toBe(0);
    const failed = poll(['--json', '-q', 'none']);
    expect(await failed.ended).toBe(2);
    expect(JSON.parse(failed.stderr())).toMatchObject({
      level: 'ERROR',
      message: expect.stringMatching(/^There is no queue none/),
    });
  });

  it('a handler without a service may have what serverless.yml says: a memory that survives, a filter, a log of what it rejects', async () => {
    writeFileSync(
      join(service.folder, 'tally.cjs'),
      `const { queueFunction } = require('smart-shopping/queue-function');
      exports.handler = queueFunction('tally', ({ json, messageId }, store) => {
        if (json.bad) return { rejected: 'a bad one' };
        store.set('sum', (store.get('sum') ?? 0) + json.add);
        const body = { sum: store.get('sum') };
        return { outgoing: [{ exchange: '', routingKey: 'sums', body, messageId, type: 'sum', mustRoute: true }] };
      });`,
    );
    await channel.assertQueue('tally', { deadLetterExchange: '', deadLetterRoutingKey: 'tally.dead' });
    for (const queue of ['sums', 'tally.dead']) await channel.assertQueue(queue);
    await channel.assertQueue('tally.log', { arguments: { 'x-queue-type': 'stream' } });
    const args = ['--handler', './tally.handler', '-q', 'tally', '--changelog', '--dead-letter-log', 'tally.log'];
    const filter = ['--filter', '{"data":{"add":[{"exists":true}]}}', '--filter', '{"data":{"bad":[true]}}'];
    const first = await served(poll([...args, ...filter, '--attempts', '1']));
    const sums = await collect(channel, 'sums');
    send('tally', { add: 3 }, 'a');
    send('tally', { nothing: true }, 'b');
    send('tally', { bad: true }, 'c');
    await expect.poll(async () => (await channel.checkQueue('tally.dead')).messageCount).toBe(1);
    await expect.poll(() => sums).toContainEqual({ sum: 3 });
    first.process.kill('SIGKILL');
    const second = await served(poll([...args, ...filter]));
    send('tally', { add: 4 }, 'd');
    // What was sent just before the kill may be sent again, under the same id.
    await expect.poll(() => sums.at(-1)).toEqual({ sum: 7 });
    expect(await stop(second)).toBe(0);
    const listing = startNode(
      service.folder,
      COMMAND,
      ['dead-letters', 'list', '--queue', 'tally.dead', '--log', 'tally.log'],
      { AMQP_URL: amqpUrl },
    );
    expect(await listing.ended).toBe(0);
    expect(listing.stdout()).toContain('a bad one');
  });

  it('serves a queue that was added with what others remember of its keys, and says so', async () => {
    writeFileSync(
      join(service.folder, 'tally.cjs'),
      `const { queueFunction } = require('smart-shopping/queue-function');
      exports.handler = queueFunction('tally', ({ json: key, messageId }, store) => {
        store.set(key, (store.get(key) ?? 0) + 1);
        const body = { key, count: store.get(key) };
        return { outgoing: [{ exchange: '', routingKey: 'sums', body, messageId, type: 'sum', mustRoute: true }] };
      });`,
    );
    writeFileSync(
      join(service.folder, 'ring.cjs'),
      `const queues = ['tally-1', 'tally-2', 'tally-3'].map((name) => ({
        name,
        durable: true,
        arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
      }));
      exports.topology = () => ({
        exchanges: [{ name: 'tallies', type: 'x-consistent-hash', durable: true }],
        queues: queues.slice(0, Number(process.env.QUEUES)),
        bindings: queues.slice(0, Number(process.env.QUEUES)).map(({ name }) => ({ exchange: 'tallies', queue: name, routingKey: '1' })),
      });`,
    );
    await channel.assertQueue('sums');
    const sums = await collect(channel, 'sums');
    const args = ['--handler', './tally.handler', '--changelog', '--rescale', 'tallies', '--topology', './ring.cjs'];
    const keys = Array.from({ length: 60 }, (_, index) => `k${index}`);
    const sendAll = (round: number): void => {
      for (const key of keys) {
        channel.publish('tallies', key, Buffer.from(JSON.stringify(key)), {
          messageId: `${key} ${round}`,
          persistent: true,
        });
      }
    };
    const two = poll([...args, '-q', 'tally-1', '-q', 'tally-2'], { AMQP_URL: amqpUrl, QUEUES: '2' });
    await served(two);
    sendAll(1);
    await expect.poll(() => sums).toHaveLength(60);
    expect(await stop(two)).toBe(0);
    const queues = ['tally-1', 'tally-2', 'tally-3'].flatMap((queue) => ['-q', queue]);
    const three = await served(poll([...args, ...queues], { AMQP_URL: amqpUrl, QUEUES: '2' }));
    await expect.poll(three.stderr).toMatch(/tally tally-3 has taken over \d+ entries of its memory/);
    sendAll(2);
    await expect.poll(() => sums).toHaveLength(120);
    expect((sums as { count: number }[]).slice(60).every(({ count }) => count === 2)).toBe(true);
    expect(await stop(three)).toBe(0);
    const refused = poll(['--handler', './tally.handler', '--rescale', 'tallies', '-q', 'tally-1']);
    expect(await refused.ended).toBe(2);
    expect(refused.stderr()).toContain('tally must also be in custom.rabbitmq.changelog');
  });

  it('replaces a thread that exits, hangs or fills its memory, and ends at once at a second signal', async () => {
    writeFileSync(
      join(service.folder, 'wild.cjs'),
      `exports.handler = async (event) => {
        const [message] = Object.values(event.rmqMessagesByQueue).flat();
        const how = JSON.parse(Buffer.from(message.data, 'base64').toString());
        if (message.redelivered) return;
        if (how === 'exits') process.exit(1);
        while (how === 'hangs');
        for (const all = []; how === 'fills'; ) all.push(new Array(1e5).fill(1));
        await new Promise((resolve) => setTimeout(resolve, 1e6));
      };`,
    );
    await channel.assertQueue('wild');
    const args = ['--handler', './wild.handler', '-q', 'wild', '--batch-size', '1', '--timeout', '3', '--memory', '64'];
    const child = await served(poll(args));
    for (const how of ['exits', 'hangs', 'fills']) {
      send('wild', how, how);
      await expect
        .poll(child.stderr)
        .toMatch({ exits: /exit code 1;/, hangs: /hung for longer than/, fills: /memory limit/ }[how] as RegExp);
      await expect.poll(async () => (await channel.checkQueue('wild')).consumerCount).toBe(1);
    }
    send('wild', 'waits', 'waits');
    await expect.poll(async () => (await channel.checkQueue('wild')).messageCount).toBe(0);
    child.process.kill('SIGTERM');
    await expect.poll(child.stderr).toContain('a second signal ends everything at once');
    // Two within half a second are one: npm forwards what the terminal has sent.
    await new Promise((resolve) => setTimeout(resolve, 600));
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe(1);
  });

  it('says in one line what is wrong, and what a batch may take that runs when it is stopped', async () => {
    const fails = async (args: readonly string[], env?: Record<string, string>) => {
      const child = poll(args, env);
      return [await child.ended, child.stderr()];
    };
    expect(await fails([], {})).toEqual([69, 'No RabbitMQ: set AMQP_URL.\n']);
    expect(await fails(['--amqp-url', 'http://x'])).toEqual([2, expect.stringContaining('amqp://')]);
    expect(await fails(['-f', 'order'])).toEqual([
      2,
      'There is no function order with rabbitmq events; known: orders, invoices.\n',
    ]);
    expect(await fails(['-f', 'orders', '-q', 'invoices'])).toEqual([2, expect.stringContaining('None of these')]);
    expect(await fails(['--handler', './eat.handler'])).toEqual([2, expect.stringContaining('--queue')]);
    expect(await fails(['--health-port', 'x'])).toEqual([2, expect.stringContaining('whole number')]);
    expect(await fails(['--health-host', '192.0.2.1', '--health-port', '0'])).toEqual([
      1,
      expect.stringContaining('choose one with --health-host'),
    ]);
    expect(await fails(['--timeout', '5'])).toEqual([
      2,
      expect.stringContaining('--timeout works with --handler only'),
    ]);
    expect(await fails(['--handler', 'x.y', '-q', 'slow', '--filter', '{'])).toEqual([
      2,
      expect.stringContaining('--filter { must be JSON'),
    ]);
    expect(await fails(['--handler', 'x.y', '-q', 'slow', '--filter', '{"data":1}'])).toEqual([
      2,
      expect.stringContaining('x (slow) cannot be served: function x, queue "slow": filterPatterns[0].data'),
    ]);

    writeFileSync(
      join(service.folder, 'slow.cjs'),
      'exports.handler = () => new Promise(() => setTimeout(() => {}, 1e6));',
    );
    await channel.assertQueue('slow');
    const slow = await served(
      poll(['--handler', 'slow.handler', '-q', 'slow', '--timeout', '900', '--stop-timeout', '1']),
    );
    send('slow', 1, 's');
    await expect.poll(async () => (await channel.checkQueue('slow')).messageCount).toBe(0);
    expect(await stop(slow)).toBe(1);
    expect(slow.stderr()).toContain('A batch did not end within 1 s');
    await expect.poll(async () => (await channel.checkQueue('slow')).messageCount).toBe(1);
  });
});
