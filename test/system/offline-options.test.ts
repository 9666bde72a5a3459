import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createService, INSTALLED, type Offline, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

let service: OfflineService;

function create(): void {
  service = createService({}, { ...INSTALLED, 'node_modules/serverless': 'node_modules/serverless' });
  service.env['AMQP_URL'] = ownVirtualHost();
  mkdirSync(join(service.folder, 'src'));
}

const write = (file: string, text: string): void => writeFileSync(join(service.folder, file), text);

const ARNS =
  'arn: arn:aws:mq:us-east-1:111111111111:broker:x:b-1, basicAuthArn: arn:aws:secretsmanager:us-east-1:111111111111:secret:x-1';

function serviceOf(options: string): string {
  return `service: options
provider:
  name: aws
  runtime: nodejs22.x
  region: eu-west-1
  timeout: 1
  environment:
    JOINED: { 'Fn::Join': ['-', [a, { 'Fn::Join': ['', [b, c]] }]] }
    SUBSTITUTED: { 'Fn::Sub': ['\${who} in \${AWS::Region}', { who: me }] }
    TABLE: { Ref: Table }
    NUMBER: 3
plugins: [smart-shopping/serverless-offline-rabbitmq, serverless-offline]
custom:
  rabbitmq: { declareQueues: true }
  serverless-offline: { ${options} }
functions:
  web: { handler: src/h.web, events: [{ httpApi: GET /env }], environment: { OWN: yes } }
  eat: { handler: src/h.eat, events: [{ rabbitmq: { ${ARNS}, queue: orders } }], environment: { OWN: yes } }
  stop: { handler: src/h.stop, events: [{ rabbitmq: { ${ARNS}, queue: stops } }] }
`;
}

const NAMES = [
  'JOINED',
  'SUBSTITUTED',
  'TABLE',
  'NUMBER',
  'OWN',
  'FROM_SHELL',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'IS_OFFLINE',
];

describe.each([
  ['localEnvironment: true, noTimeout: true', '', 'of the shell'],
  ['', '--inspect=0', undefined],
])('with "%s" and "%s"', (options, inspect, shell) => {
  let offline: Offline;

  beforeAll(async () => {
    create();
    service.env['FROM_SHELL'] = 'of the shell';
    service.env['NODE_OPTIONS'] = inspect;
    write('serverless.yml', serviceOf(options));
    // `stop` as at a breakpoint: neither timers nor messages get through. A thread that hangs is ended 2 s after its timeout.
    write(
      'src/h.js',
      `const env = () => JSON.stringify(Object.fromEntries(${JSON.stringify(NAMES)}.map((name) => [name, process.env[name]])));
    exports.web = async () => ({ statusCode: 200, body: env() });
    exports.eat = async (event, context) => console.log('env ' + env() + context.invokedFunctionArn);
    let calls = 0;
    exports.stop = async () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 6_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
      console.log('call ' + ++calls + ' is over');
    };`,
    );
    offline = await service.offline();
  });
  afterAll(async () => {
    expect(await offline.stop()).toBe(0);
    await service.remove();
  });

  it('a function has the environment that one with HTTP has, and the region of its service', async () => {
    const ofHttp = await (await fetch(`${offline.httpUrl}/env`)).text();
    expect(JSON.parse(ofHttp)).toMatchObject({ JOINED: 'a-bc', NUMBER: '3', AWS_REGION: 'eu-west-1' });
    expect(JSON.parse(ofHttp).FROM_SHELL).toBe(shell);
    (await offline.connect('.rabbitmq')).sendToQueue('orders', Buffer.from('x'));
    const arn = 'arn:aws:lambda:eu-west-1:000000000000:function:options-dev-eat';
    await expect.poll(offline.output).toContain(`env ${ofHttp}${arn}`);
  });

  it('a breakpoint longer than the timeout ends nothing, and fails no batch', async () => {
    (await offline.connect('.rabbitmq')).sendToQueue('stops', Buffer.from('x'));
    await expect.poll(offline.output).toMatch(/stop stops: 1 message in \d+ ms/);
    await expect.poll(offline.output).toContain('call 1 is over');
    expect(offline.output()).not.toMatch(/hung|call 2/);
  });
});

it('a handler may answer what it likes, which is mentioned once; what is malformed fails its batch', async () => {
  create();
  onTestFinished(() => service.remove());
  write('serverless.yml', serviceOf('').replace('timeout: 1', 'timeout: 10'));
  write(
    'src/h.js',
    `exports.web = async () => ({ statusCode: 200, body: '' });
    exports.stop = async () => undefined;
    const answers = ['Done', 7, true, { ok: true }, []];
    exports.eat = (event, context, callback) => {
      const text = Buffer.from(Object.values(event.rmqMessagesByQueue)[0][0].data, 'base64').toString();
      callback(null, text === 'malformed' ? { batchItemFailures: 'all' } : answers[Number(text)]);
    };`,
  );
  const offline = await service.offline();
  const channel = await offline.connect('.rabbitmq');
  for (let n = 0; n < 5; n++) {
    channel.sendToQueue('orders', Buffer.from(`${n}`));
    await expect.poll(() => offline.output().match(/eat orders: 1 message in \d+ ms\n/g)).toHaveLength(n + 1);
  }
  expect(offline.output().match(/its handler returned .*, which has no effect/g)).toEqual([
    'its handler returned a string, which has no effect',
  ]);
  channel.sendToQueue('orders', Buffer.from('malformed'));
  await expect.poll(offline.output).toContain('batchItemFailures must be a list');
  expect(await offline.stop()).toBe(0);
});
