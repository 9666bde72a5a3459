import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { type Certificate, listenForTls, newCertificate } from '../support/broker/tls.js';
import { type Child, startNode } from '../support/system/child.js';
import { createService, type OfflineService } from '../support/system/offline-service.js';

const COMMAND = 'node_modules/smart-shopping/dist/infra/shop/commands/smart-shopping.js';

/** Two nodes that do not know each other. Every test has a virtual host on both. */
let nodes: readonly PrivateBroker[];
let folder: string;
let authority: Certificate;
let client: Certificate;
let overTls: string;
let tests = 0;

const VIRTUAL_HOSTS = ['handler', 'update', 'secure', 'failover'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'poll-faults-'));
  const start = (name: string) => startPrivateBroker({ folder: join(folder, name), vhosts: VIRTUAL_HOSTS });
  nodes = await Promise.all([start('one'), start('two')]);
  const files = join(folder, 'files');
  authority = await newCertificate(files, { name: 'authority' });
  client = await newCertificate(files, { name: 'client', by: authority });
  const server = await newCertificate(files, { name: 'server', by: authority, dns: 'broker.test' });
  overTls = await listenForTls(nodes[0] as PrivateBroker, { ...server, clientsOf: authority });
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  rmSync(folder, { recursive: true, force: true });
});

let service: OfflineService;
let addresses: readonly string[];
let polling: Child[];
let models: ChannelModel[];

beforeEach(() => {
  service = createService({ [join(inject('installedPackage'), 'node_modules')]: 'node_modules' }, {});
  // A server has no serverless-offline.
  rmSync(join(service.folder, 'node_modules/serverless-offline'));
  addresses = nodes.map(({ amqpUrl }) => `${amqpUrl}/${VIRTUAL_HOSTS[tests]}`);
  tests += 1;
  polling = [];
  models = [];
});

afterEach(async () => {
  for (const { process } of polling) if (process.exitCode === null) process.kill('SIGKILL');
  await Promise.all(models.map((model) => model.close().catch(() => undefined)));
  await service.remove();
});

/** A handler that takes its time, and reports its process. */
const EAT = `queueFunction('eat', async ({ json, messageId }) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const body = { meal: json, by: process.env['EATER'] };
  return { outgoing: [{ exchange: '', routingKey: 'eaten', body, messageId: 'eaten-' + messageId, type: 'eaten', mustRoute: true }] };
});`;

async function served(args: readonly string[], env: Record<string, string>): Promise<Child> {
  const child = startNode(service.folder, COMMAND, ['poll', ...args], env);
  polling.push(child);
  await expect.poll(child.stderr).toMatch(/queues are served/);
  return child;
}

interface Table {
  readonly channel: Channel;
  /** What was eaten, as it arrived. */
  readonly eaten: { readonly id: unknown; readonly meal: number; readonly by: string }[];
  serve(from: number, to: number): void;
}

/** The queues of a node, with an independent client on them. */
async function table(amqpUrl: string): Promise<Table> {
  const model = await connect(amqpUrl);
  model.on('error', () => undefined);
  models.push(model);
  const channel = await model.createChannel();
  const quorum = { 'x-queue-type': 'quorum' };
  await channel.assertQueue('meals', { arguments: { ...quorum, 'x-single-active-consumer': true } });
  await channel.assertQueue('eaten', { arguments: quorum });
  const eaten: Table['eaten'] = [];
  await channel.consume('eaten', (message) => {
    if (message === null) return;
    eaten.push({ id: message.properties.messageId, ...JSON.parse(message.content.toString()) });
    // Not before: the node may be killed.
    channel.ack(message);
  });
  return {
    channel,
    eaten,
    serve: (from, to) => {
      for (let meal = from; meal < to; meal++) {
        channel.sendToQueue('meals', Buffer.from(`${meal}`), { messageId: `m${meal}`, persistent: true });
      }
    },
  };
}

const distinct = (eaten: Table['eaten'], by: 'id' | 'meal' | 'by') => new Set(eaten.map((each) => each[by])).size;

/** Nothing is lost, and nothing is sent under two ids, if the active one of two processes is killed. */
async function killTheActiveOne({ channel, eaten, serve }: Table, start: (eater: string) => Promise<Child>) {
  const first = await start('first');
  const second = await start('second');
  serve(0, 400);
  await expect.poll(() => eaten.length).toBeGreaterThan(50);
  first.process.kill('SIGKILL');
  await expect.poll(() => distinct(eaten, 'meal')).toBe(400);
  expect(distinct(eaten, 'id')).toBe(400);
  expect(distinct(eaten, 'by')).toBe(2);
  await expect.poll(async () => (await channel.checkQueue('meals')).messageCount).toBe(0);
  second.process.kill('SIGTERM');
  expect(await second.ended).toBe(0);
}

function writeHandler(): readonly string[] {
  const file = `const { queueFunction } = require('smart-shopping/queue-function');\nexports.handler = ${EAT}`;
  writeFileSync(join(service.folder, 'eat.cjs'), file);
  return ['--handler', './eat.handler', '--queue', 'meals', '--batch-size', '10', '--timeout', '20'];
}

it('a handler without a service, in two processes of which the active one is killed', async () => {
  const [amqpUrl = ''] = addresses;
  const args = writeHandler();
  await killTheActiveOne(await table(amqpUrl), (eater) => served(args, { AMQP_URL: amqpUrl, EATER: eater }));
});

it('an update: the new process stands by, the old one is told to end, and each message is handled once', async () => {
  const [amqpUrl = ''] = addresses;
  const args = writeHandler();
  const { eaten, serve } = await table(amqpUrl);
  const old = await served(args, { AMQP_URL: amqpUrl, EATER: 'old' });
  await served(args, { AMQP_URL: amqpUrl, EATER: 'new' });
  serve(0, 400);
  await expect.poll(() => eaten.length).toBeGreaterThan(50);
  old.process.kill('SIGTERM');
  expect(await old.ended).toBe(0);
  await expect.poll(() => distinct(eaten, 'meal')).toBe(400);
  expect(eaten).toHaveLength(400);
  expect(distinct(eaten, 'by')).toBe(2);
});

it('killing the active one of a TypeScript service, over TLS with a certificate, user and password in files', async () => {
  symlinkSync(resolve('node_modules/serverless'), join(service.folder, 'node_modules/serverless'));
  symlinkSync(resolve('node_modules/tsx'), join(service.folder, 'node_modules/tsx'));
  mkdirSync(join(service.folder, 'src'));
  writeFileSync(
    join(service.folder, 'src/eat.ts'),
    `import { queueFunction } from 'smart-shopping/queue-function';\nexport const handler = ${EAT}`,
  );
  writeFileSync(
    join(service.folder, 'serverless.yml'),
    `service: kitchen
plugins: [smart-shopping/serverless-offline-rabbitmq]
provider: { name: aws, runtime: nodejs22.x }
functions:
  eat:
    handler: src/eat.handler
    events:
      - rabbitmq:
          arn: arn:aws:mq:eu-central-1:000000000000:broker:mine:b-00000000-0000-0000-0000-000000000000
          basicAuthArn: arn:aws:secretsmanager:eu-central-1:000000000000:secret:mine-000000
          queue: meals
          batchSize: 10
`,
  );
  const [amqpUrl = ''] = addresses;
  const { username, password } = new URL(overTls);
  writeFileSync(join(service.folder, 'user'), `${username}\n`);
  writeFileSync(join(service.folder, 'password'), `${password}\n`);
  const secure = {
    AMQP_URL: `amqps://${new URL(overTls).host}${new URL(amqpUrl).pathname}`,
    AMQP_CA_FILE: authority.certFile,
    AMQP_SERVER_NAME: 'broker.test',
    AMQP_USER_FILE: './user',
  };
  const options = ['--cert-file', client.certFile, '--key-file', client.keyFile, '--password-file', 'password'];
  await killTheActiveOne(await table(amqpUrl), (eater) => served(options, { ...secure, EATER: eater }));
  for (const { stdout, stderr } of polling) expect(stdout() + stderr()).not.toContain(password);

  const refused = startNode(service.folder, COMMAND, ['poll', '--password-file', './none'], secure);
  expect([await refused.ended, refused.stderr()]).toEqual([2, expect.stringMatching(/none cannot be read \(ENOENT\)/)]);
  const plain = startNode(service.folder, COMMAND, ['poll'], { ...secure, AMQP_URL: amqpUrl });
  expect([await plain.ended, plain.stderr()]).toEqual([2, expect.stringMatching(/must begin with amqps:/)]);
});

it('two processes go on at the second address when the first node is killed, and come back to it', async () => {
  const args = writeHandler();
  const [one, two] = [await table(addresses[0] ?? ''), await table(addresses[1] ?? '')];
  const env = { AMQP_URL: addresses.join(',') };
  const processes = [await served(args, env), await served(args, env)];
  one.serve(0, 400);
  await expect.poll(() => one.eaten.length).toBeGreaterThan(50);
  await nodes[0]?.kill();
  two.serve(400, 500);
  await expect.poll(() => distinct(two.eaten, 'meal')).toBe(100);
  expect(polling.map(({ stderr }) => stderr()).join('')).toContain('connected to a later address');
  const before = one.eaten;
  await nodes[0]?.restart();
  const again = await table(addresses[0] ?? '');
  await nodes[1]?.kill();
  const all = () => [...before, ...again.eaten];
  await expect.poll(() => distinct(all(), 'meal')).toBe(400);
  expect(distinct(all(), 'id')).toBe(400);
  for (const { process, ended } of processes) {
    process.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
});
