import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { runInstalled as runCommand, startInstalled as startCommand } from '../support/system/installed-command.js';
import { collect, createService, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

let service: OfflineService;

beforeEach(() => {
  service = createService(
    { [join(inject('installedPackage'), 'node_modules')]: 'node_modules', 'test/system/services/plain': '.' },
    { 'node_modules/serverless': 'node_modules/serverless' },
  );
});

afterEach(() => service.remove());

describe('a service in plain JavaScript that installs the package and lists the plugin', () => {
  it('gets its RabbitMQ events, in its environment, with CommonJS and ES module; a changed file is taken up', async () => {
    service.env['AMQP_URL'] = ownVirtualHost();
    const offline = await service.offline();
    const client = await offline.connect('.rabbitmq');
    const done = await collect(client, 'done');
    const order = (n: number) => client.sendToQueue('orders', Buffer.from(JSON.stringify(n)), { messageId: `${n}` });

    order(1);
    await expect.poll(() => done).toHaveLength(1);
    expect(done[0]).toEqual({ order: 1, greeting: 'hello world', version: 1, function: 'plain-dev-invoices' });
    await expect.poll(offline.output).toMatch(/orders orders: 1 message in \d+ ms\n/);

    writeFileSync(join(service.folder, 'version.mjs'), 'export const version = 2;\n');
    await expect.poll(offline.output).toContain('invoices: its code has changed; reloading');
    order(2);
    await expect.poll(() => done).toHaveLength(2);
    expect(done[1]).toMatchObject({ order: 2, version: 2 });

    expect(await offline.stop()).toBe(0);
  });

  it('has its events recorded and given to it again, and uses the wrapper, the decoder and the schema', async () => {
    service.env['AMQP_URL'] = ownVirtualHost();
    writeFileSync(
      join(service.folder, 'till.cjs'),
      `const { queueFunction } = require('smart-shopping/queue-function');
      // Like a connection pool: nothing waits for it to end.
      setInterval(() => undefined, 1_000);
      exports.handler = queueFunction('till', ({ json, messageId }, store) => {
        if (json.amount === undefined) return { rejected: 'no amount' };
        const sum = (store.get('sum') ?? 0) + json.amount;
        store.set('sum', sum);
        console.log('the sum is ' + sum);
        return { outgoing: [{ exchange: '', routingKey: 'done', body: { sum }, messageId, type: 'sum', mustRoute: true }] };
      });`,
    );
    writeFileSync(
      join(service.folder, 'audit.mjs'),
      `import { decodeRmqEvent, rmqEventSchema } from 'smart-shopping/rmq-event';
      export const handler = async (event) => {
        for (const { json } of decodeRmqEvent(rmqEventSchema.parse(event))) if (json.amount < 0) throw new Error('negative');
      };`,
    );
    writeFileSync(join(service.folder, 'serverless.yml'), TILL);
    const smartShopping = (...args: string[]) => runCommand(service.folder, args);

    const sample = await smartShopping(
      'events',
      'generate',
      '-q',
      'till',
      '-b',
      '{"amount":5}',
      '{}',
      '--message-id',
      'm',
    );
    writeFileSync(join(service.folder, 'sample.json'), sample.stdout);
    const given = await smartShopping('events', 'replay', 'sample.json', '-f', 'till');
    expect(given).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 messages in .* 1 to send, 1 refused, 0 failed/),
      stderr: 'the sum is 5\n',
    });
    const negative = await smartShopping('events', 'generate', '-b', '{"amount":-1}');
    writeFileSync(join(service.folder, 'negative.json'), negative.stdout);
    const failed = await smartShopping('events', 'replay', 'negative.json', '-f', 'audit');
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('failed: negative') });

    const offline = await service.offline();
    const client = await offline.connect('.rabbitmq');
    const done = await collect(client, 'done');
    const recorder = startCommand(service.folder, [
      'events',
      'record',
      'till',
      '-o',
      'till.jsonl',
      '-n',
      '4',
      '--amqp-url',
      service.env['AMQP_URL'] ?? '',
    ]);
    await expect.poll(recorder.stderr).toContain('Recording');
    for (const [n, amount] of [1, 2, undefined, 4].entries()) {
      client.sendToQueue('till', Buffer.from(JSON.stringify({ amount })), { messageId: `${n}` });
    }
    expect(await recorder.ended).toBe(0);
    await expect.poll(() => done).toEqual([{ sum: 1 }, { sum: 3 }, { sum: 7 }]);
    expect(await offline.stop()).toBe(0);

    expect(await smartShopping('events', 'replay', 'till.jsonl', '-f', 'till')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^4 messages in .* 3 to send, 1 refused, 0 failed; \d answers as recorded, 0 not/m),
    });
  });

  it('may take as long as it likes while it is debugged', async () => {
    const takes = 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 1_500));';
    writeFileSync(join(service.folder, 'slow.mjs'), takes);
    writeFileSync(join(service.folder, 'serverless.yml'), `${serviceWith('slow.handler', ['q'])}    timeout: 1\n`);
    writeFileSync(
      join(service.folder, 'event.json'),
      (await runCommand(service.folder, ['events', 'generate'])).stdout,
    );
    const replay = ['events', 'replay', 'event.json', '-f', 'f'];
    const undisturbed = await runCommand(service.folder, replay);
    expect(undisturbed).toMatchObject({ code: 1, stderr: expect.stringContaining('not done within 1000 ms') });
    const debugged = await runCommand(service.folder, replay, { NODE_OPTIONS: '--inspect=127.0.0.1:0' });
    expect(debugged).toMatchObject({ code: 0, stdout: expect.stringContaining(' 0 failed') });
  });

  it('has at most sixteen threads per function, which its queues share', async () => {
    service.env['AMQP_URL'] = ownVirtualHost();
    const queues = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    writeFileSync(
      join(service.folder, 'many.cjs'),
      `const { threadId } = require('node:worker_threads');
      exports.handler = async (event) => {
        const [[queue, [{ basicProperties }]]] = Object.entries(event.rmqMessagesByQueue);
        const body = { queue: queue.split(':')[0], threadId };
        const done = { exchange: '', routingKey: 'done', body, messageId: basicProperties.messageId, type: 'done', mustRoute: true };
        return { batchItemFailures: [], outgoing: [done] };
      };`,
    );
    writeFileSync(
      join(service.folder, 'topology.cjs'),
      `exports.topology = () => ({
        exchanges: [], bindings: [],
        queues: ${JSON.stringify([...queues, 'done'])}.map((name) => ({ name, durable: true })),
      });`,
    );
    writeFileSync(
      join(service.folder, 'serverless.yml'),
      serviceWith('many.handler', queues, 'topology: topology.cjs'),
    );
    const offline = await service.offline();
    const client = await offline.connect('.rabbitmq');
    const done = (await collect(client, 'done')) as { queue: string; threadId: number }[];
    for (const queue of queues) client.sendToQueue(queue, Buffer.from('1'), { messageId: queue });
    await expect.poll(() => done.map(({ queue }) => queue).sort()).toEqual([...queues].sort());
    expect(new Set(done.map(({ threadId }) => threadId)).size).toBe(16);
    expect(await offline.stop()).toBe(0);
  });

  it('goes on when its private broker is killed', async () => {
    const offline = await service.offline();
    process.kill(offline.broker('.rabbitmq').pid, 'SIGKILL');
    await expect.poll(offline.output).toContain('Restarting it');
    const client = await vi.waitUntil(() => offline.connect('.rabbitmq').catch(() => undefined), { timeout: 100_000 });
    const done = await collect(client, 'done');
    client.sendToQueue('orders', Buffer.from('1'), { messageId: '1' });
    await expect.poll(() => done).toHaveLength(1);
    expect(await offline.stop()).toBe(0);
  });

  it('is told which setting it may have meant', async () => {
    const settings = 'service: wrong\nprovider: { name: aws }\nplugins: [smart-shopping/serverless-offline-rabbitmq]\n';
    writeFileSync(join(service.folder, 'serverless.yml'), `${settings}custom: { rabbitmq: { prefech: 3 } }\n`);
    const { code, output } = await service.serverless('package');
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('did you mean prefetch?') });
  });

  it('is told which two queues would be one in CloudFormation', async () => {
    writeFileSync(join(service.folder, 'serverless.yml'), serviceWith('orders.take', ['c-1', 'c1']));
    const { code, output } = await service.serverless('package');
    expect(code).toBe(1);
    expect(output.replace(/\s+/g, ' ')).toContain('queues "c-1" and "c1" of function f would be the same');
  });
});

const ARNS =
  'arn: arn:aws:mq:us-east-1:000000000000:broker:x:b-1, basicAuthArn: arn:aws:secretsmanager:us-east-1:000000000000:secret:x-1';

const TILL = `
service: till
provider: { name: aws, runtime: nodejs22.x }
plugins: [smart-shopping/serverless-offline-rabbitmq, serverless-offline]
custom:
  rabbitmq: { topology: topology.cjs, mayDiscard: [till], recordable: [till] }
functions:
  till:
    handler: till.handler
    events: [{ rabbitmq: { ${ARNS}, queue: till } }]
  audit:
    handler: audit.handler
    events: [{ rabbitmq: { ${ARNS}, queue: audit } }]
`;

/** A serverless.yml with one function. */
function serviceWith(handler: string, queues: readonly string[], settings = ''): string {
  const events = queues.map((queue) => `      - rabbitmq: { ${ARNS}, queue: ${queue} }`);
  return `
service: small
provider: { name: aws, runtime: nodejs22.x }
plugins: [smart-shopping/serverless-offline-rabbitmq, serverless-offline]
custom:
  rabbitmq: { ${settings} }
functions:
  f:
    handler: ${handler}
    events:
${events.join('\n')}
`;
}
