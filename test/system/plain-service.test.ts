import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect, createService, type OfflineService, PATIENT } from './offline-service.js';
import { installPackage } from './support/installed-package.js';

let installed: string;
let service: OfflineService;

beforeAll(() => {
  installed = installPackage();
});

afterAll(() => rmSync(installed, { recursive: true }));

beforeEach(() => {
  service = createService({ [join(installed, 'node_modules')]: 'node_modules', 'test/system/services/plain': '.' }, {});
});

afterEach(() => service.remove());

describe('a service in plain JavaScript that installs the package and lists the plugin', () => {
  it('gets its RabbitMQ events, in its environment, with CommonJS and ES module; a changed file is taken up', async () => {
    const offline = await service.offline();
    const client = await offline.connect('.rabbitmq');
    const done = await collect(client, 'done');
    const order = (n: number) => client.sendToQueue('orders', Buffer.from(JSON.stringify(n)), { messageId: `${n}` });

    order(1);
    await expect.poll(() => done, PATIENT).toHaveLength(1);
    expect(done[0]).toEqual({ order: 1, greeting: 'hello world', version: 1, function: 'plain-dev-invoices' });
    expect(offline.output()).toMatch(/orders orders: 1 message in \d+ ms\n/);

    writeFileSync(join(service.folder, 'version.mjs'), 'export const version = 2;\n');
    await expect.poll(offline.output, PATIENT).toContain('invoices: its code has changed; reloading');
    order(2);
    await expect.poll(() => done, PATIENT).toHaveLength(2);
    expect(done[1]).toMatchObject({ order: 2, version: 2 });

    expect(await offline.stop()).toBe(0);
  });

  it('has at most sixteen threads per function, which its queues share', async () => {
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
    await expect.poll(() => done.map(({ queue }) => queue).sort(), PATIENT).toEqual([...queues].sort());
    expect(new Set(done.map(({ threadId }) => threadId)).size).toBe(16);
    expect(await offline.stop()).toBe(0);
  });

  it('goes on when its private broker is killed', async () => {
    const offline = await service.offline();
    process.kill(offline.broker('.rabbitmq').pid, 'SIGKILL');
    await expect.poll(offline.output, PATIENT).toContain('Starting it again');
    const client = await vi.waitUntil(() => offline.connect('.rabbitmq').catch(() => undefined), PATIENT);
    const done = await collect(client, 'done');
    client.sendToQueue('orders', Buffer.from('1'), { messageId: '1' });
    await expect.poll(() => done, PATIENT).toHaveLength(1);
    expect(await offline.stop()).toBe(0);
  }, 180_000);

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
    expect(output.replace(/\s+/g, ' ')).toContain('queues "c-1" and "c1" of function f would be one');
  });
});

/** A serverless.yml of one function. */
function serviceWith(handler: string, queues: readonly string[], settings = ''): string {
  const arns =
    'arn: arn:aws:mq:us-east-1:000000000000:broker:x:b-1, basicAuthArn: arn:aws:secretsmanager:us-east-1:000000000000:secret:x-1';
  const events = queues.map((queue) => `      - rabbitmq: { ${arns}, queue: ${queue} }`);
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
