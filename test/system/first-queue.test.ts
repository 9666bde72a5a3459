import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { startPrivateBroker } from '../../infra/broker/private-broker.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { createService, INSTALLED, type Offline, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

let service: OfflineService;

beforeEach(() => {
  service = createService({}, { ...INSTALLED, 'node_modules/serverless': 'node_modules/serverless' });
  mkdirSync(join(service.folder, 'src'));
  write(
    'src/h.js',
    `exports.web = async () => ({ statusCode: 200, body: 'hi' });
    exports.eat = async (event) => console.log('got ' + Object.keys(event.rmqMessagesByQueue));`,
  );
});

afterEach(() => service.remove());
afterAll(removeFolders);

const write = (file: string, text: string): void => writeFileSync(join(service.folder, file), text);

/** A serverless.yml with an HTTP function, and one for each of some events. */
function serviceOf(events: Readonly<Record<string, string>>, settings = ''): string {
  const functions = Object.entries(events).map(
    ([name, event]) => `  ${name}: { handler: src/h.eat, events: [{ rabbitmq: { ${ARNS}, ${event} } }] }\n`,
  );
  return `service: first
provider: { name: aws, runtime: nodejs22.x }
plugins: [smart-shopping/serverless-offline-rabbitmq, serverless-offline]
custom: { rabbitmq: { ${settings} } }
functions:
  web: { handler: src/h.web, events: [{ httpApi: GET /hello }] }
${functions.join('')}`;
}

const ARNS =
  'arn: arn:aws:mq:us-east-1:000000000000:broker:x:b-1, basicAuthArn: arn:aws:secretsmanager:us-east-1:000000000000:secret:x-1';

async function servesHttp(offline: Offline): Promise<void> {
  expect(await (await fetch(`${offline.httpUrl}/hello`)).text()).toBe('hi');
}

it('a queue that is missing is named, with what helps; it is served once it is there, and HTTP all the time', async () => {
  service.env['AMQP_URL'] = ownVirtualHost();
  const { pathname } = new URL(service.env['AMQP_URL']);
  const vhost = pathname.slice(1);
  write('serverless.yml', serviceOf({ eat: 'queue: orders' }));
  const offline = await service.offlineAlone();
  await servesHttp(offline);
  await expect
    .poll(offline.output)
    .toContain(
      `eat orders: there is no queue orders in virtual host ${vhost}; it is served as soon as it is there. custom.rabbitmq.declareQueues: true`,
    );
  expect(offline.output()).not.toContain('queues are served');
  const channel = await offline.connect('.rabbitmq');
  await channel.assertQueue('orders', { durable: true });
  channel.sendToQueue('orders', Buffer.from('x'));
  await expect.poll(offline.output).toContain(`got orders::${vhost}`);
  await expect.poll(offline.output).toContain('All 1 queues are served.');
  expect(await offline.stop()).toBe(0);
});

it('a virtual host that is missing keeps only its own queue from being served; what is refused there is named', async () => {
  const broker = await startPrivateBroker({ folder: await newFolder() });
  service.env['AMQP_URL'] = broker.amqpUrl;
  write(
    'serverless.yml',
    serviceOf({ eat: 'queue: orders', there: 'queue: orders, virtualHost: tenant' }, 'declareQueues: true'),
  );
  const offline = await service.offlineAlone();
  await servesHttp(offline);
  await expect.poll(offline.output).toMatch(/there orders::tenant.*: it has no virtual host tenant;/);
  const send = async (url: string): Promise<void> => {
    const model = await connect(url);
    const channel = await model.createConfirmChannel();
    channel.sendToQueue('orders', Buffer.from('x'));
    await channel.waitForConfirms();
    await model.close();
  };
  await send(broker.amqpUrl);
  await expect.poll(offline.output).toContain('got orders::/');

  await broker.ctl('add_vhost', 'tenant');
  await expect.poll(offline.output).toMatch(/there orders::tenant.*: user local has no access to virtual host tenant;/);
  await broker.ctl('set_permissions', '-p', 'tenant', 'local', '.*', '.*', '^nothing$');
  await expect.poll(offline.output).toMatch(/there orders::tenant: the broker refuses queue orders: ACCESS_REFUSED/);
  expect(offline.output()).not.toContain('queues are served');
  await broker.ctl('set_permissions', '-p', 'tenant', 'local', '.*', '.*', '.*');
  await expect.poll(offline.output).toContain('All 2 queues are served.');
  await send(`${broker.amqpUrl}/tenant`);
  await expect.poll(offline.output).toContain('got orders::tenant');
  expect(await offline.stop()).toBe(0);
  await broker.stop();
});

it('where no broker can be started HTTP is served, and that is said', async () => {
  service.env['RABBITMQ_SERVER'] = join(service.folder, 'none');
  write('serverless.yml', serviceOf({ eat: 'queue: orders' }));
  const offline = await service.offlineAlone();
  await servesHttp(offline);
  await expect.poll(offline.output).toContain('No queue is served; everything else is: ');
  expect(await offline.stop()).toBe(0);
});

it('a function with a pattern that Lambda refuses costs itself only', async () => {
  service.env['AMQP_URL'] = ownVirtualHost();
  const wrong = 'queue: orders, filterPatterns: [{ data: { a: [{ wildcard: "*" }] } }]';
  write('serverless.yml', serviceOf({ eat: 'queue: orders', wrong }, 'declareQueues: true'));
  const offline = await service.offline();
  await servesHttp(offline);
  await expect
    .poll(offline.output)
    .toMatch(/wrong \(orders\) is not served: function wrong, queue "orders": filterPatterns\[0\]/);
  await expect.poll(offline.output).toContain('All queues are served but those of wrong.');
  expect(await offline.stop()).toBe(0);
});
