import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesOf } from '../support/system/child.js';
import { createService, INSTALLED, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

let service: OfflineService;

beforeEach(() => {
  service = createService(
    { 'test/system/services/plain': '.' },
    { ...INSTALLED, 'node_modules/serverless': 'node_modules/serverless' },
  );
});

afterEach(() => service.remove());

/** The relevant line of the framework's output. */
async function refusal(...args: string[]): Promise<string> {
  const { code, output } = await service.serverless('offline', ...args);
  expect(code).toBe(1);
  expect(processesOf(service.folder)).toEqual([]);
  return output;
}

describe('a start that something is in the way of', () => {
  it('names the port that is taken and how to name another, before anything is started', async () => {
    const other = createServer().listen(0, 'localhost');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const output = await refusal('--lambdaPort', `${port}`);
    expect(output).toContain(
      `Port ${port} is in use: stop the program that listens there, or choose others: \`serverless offline --lambdaPort ${port + 100}\``,
    );
    expect(output).not.toContain('starting RabbitMQ');
    other.close();
  });

  it('says that the service runs already', async () => {
    const offline = await service.offline();
    const { port } = new URL(offline.lambdaUrl);
    const second = await service.serverless('offline', '--lambdaPort', port);
    expect(second).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        `Port ${port} is in use: this service is already running here. Stop it, or choose others`,
      ),
    });
    expect(await offline.stop()).toBe(0);
  });

  it('names the address that is none', async () => {
    service.env['AMQP_URL'] = 'localhost:5672';
    expect(await refusal()).toContain('AMQP_URL must be a URL such as amqp://user:password@host:5672/vhost.');
  });

  it('names the topology module whose result is of another shape', async () => {
    writeFileSync(join(service.folder, 'topology.cjs'), 'exports.topology = () => ({ queues: [{}] });');
    expect(await refusal()).toContain('custom.rabbitmq.topology: topology.cjs does not return a topology');
  });
});

it('a broker that refuses the password is named in a sentence, and the queues wait', async () => {
  const { host } = new URL(ownVirtualHost());
  service.env['AMQP_URL'] = `amqp://local:wrong@${host}`;
  const offline = await service.offlineAlone();
  await expect
    .poll(offline.output)
    .toContain(`not served yet: RabbitMQ at amqp://local@${host}: it refuses the user local or the password`);
  expect(offline.output()).not.toContain('wrong');
  expect(await offline.stop()).toBe(0);
});

it('who else consumes from a queue is told', async () => {
  service.env['AMQP_URL'] = ownVirtualHost();
  const other = await connect(service.env['AMQP_URL']);
  const channel = await other.createChannel();
  await channel.assertQueue('orders', { durable: true });
  await channel.consume('orders', () => undefined);
  const offline = await service.offline();
  await expect.poll(offline.output).toContain('orders has another consumer: each message goes to one of the two.');
  expect(offline.output()).not.toContain('invoices has another consumer');
  expect(await offline.stop()).toBe(0);
  await other.close();
});

it("a handler's error comes with its stack, by the lines of its source", async () => {
  service.env['AMQP_URL'] = ownVirtualHost();
  // As a compiler makes it: line n of the result is line n + 10 of the source.
  const code = ['export async function write() {', '  throw new TypeError("no such till");', '}', ''];
  const map = { version: 3, sources: ['invoices.ts'], names: [], mappings: 'AAUA;EACA;AACA' };
  const inline = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
  writeFileSync(join(service.folder, 'invoices.mjs'), code.join('\n') + inline);
  const offline = await service.offline();
  const client = await offline.connect('.rabbitmq');
  client.sendToQueue('invoices', Buffer.from('1'), { messageId: '1' });
  await expect.poll(offline.output).toMatch(/no such till.*\n\s+at .*invoices\.ts:12/);
  expect(await offline.stop()).toBe(0);
});
