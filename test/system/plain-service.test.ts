import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect, createService, INSTALLED, type OfflineService, PATIENT } from './offline-service.js';

let service: OfflineService;

beforeEach(() => {
  service = createService({ 'test/system/services/plain': '.' }, INSTALLED);
});

afterEach(() => service.remove());

describe('a service in plain JavaScript that lists the plugin', () => {
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
    const arns =
      'arn: arn:aws:mq:us-east-1:000000000000:broker:x:b-1, basicAuthArn: arn:aws:secretsmanager:us-east-1:000000000000:secret:x-1';
    const events = ['c-1', 'c1'].map((queue) => `      - rabbitmq: { ${arns}, queue: ${queue} }\n`).join('');
    writeFileSync(
      join(service.folder, 'serverless.yml'),
      `service: wrong\nprovider: { name: aws }\nplugins: [smart-shopping/serverless-offline-rabbitmq]\nfunctions:\n  f:\n    handler: orders.take\n    events:\n${events}`,
    );
    const { code, output } = await service.serverless('package');
    expect(code).toBe(1);
    expect(output.replace(/\s+/g, ' ')).toContain('queues "c-1" and "c1" of function f would be one');
  });
});
