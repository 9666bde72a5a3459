import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../infra/broker/free-ports.js';
import { startPrivateBroker } from '../../infra/broker/private-broker.js';
import { processesOf } from '../support/system/child.js';
import { openCollector } from '../support/system/collector.js';
import { run } from '../support/system/installed-command.js';
import { collect, createService, type Offline, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

const SHOP = { 'serverless.yml': 'serverless.yml', 'package.json': 'package.json', 'test/events': 'test/events' };

let service: OfflineService;

function createShop(): void {
  service = createService(SHOP, { dist: 'dist', 'node_modules/serverless': 'node_modules/serverless' });
}

const EVENT = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };
const PURCHASE = { ...EVENT, event_type: 'purchase', timestamp: '2026-01-01T10:05:00' };
const BILL = {
  customer_id: 'customer-1',
  product_number: 'AX-123',
  pickup_time: EVENT.timestamp,
  purchase_time: PURCHASE.timestamp,
  shopping_cost: 8,
};

async function post({ httpUrl }: Offline, body: string, more: Record<string, string> = {}): Promise<number> {
  const headers = { 'content-type': 'application/json', ...more };
  return (await fetch(`${httpUrl}/shopping-events`, { method: 'POST', headers, body })).status;
}

interface Result {
  readonly batchItemFailures: unknown[];
  readonly outgoing: { readonly exchange: string; readonly body: unknown }[];
}

/** What the shop floor receives, at the printed address. */
async function floorOf({ output }: Offline): Promise<unknown> {
  const address = output().match(/^http:\S+\/open\/\S+$/m)?.[0] ?? '';
  const opened = await fetch(address, { redirect: 'manual' });
  const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const answer = await fetch(new URL('/floor/snapshot', address), { headers: { cookie } });
  return answer.json();
}

async function invoke({ lambdaUrl }: Offline, functionKey: string, sample: string): Promise<Result> {
  const url = `${lambdaUrl}/2015-03-31/functions/smart-shopping-dev-${functionKey}/invocations`;
  const response = await fetch(url, { method: 'POST', body: readFileSync(`test/events/${sample}`) });
  return (await response.json()) as Result;
}

describe('the shop under serverless offline, from its first start on', () => {
  let offline: Offline;

  beforeAll(async () => {
    createShop();
    offline = await service.offline();
  });
  afterAll(() => service.remove());

  /** Resolves when a worker has put it into a basket: the customer is told after that. */
  async function pickUp(): Promise<void> {
    const client = await offline.connect('.smart-shopping');
    const { queue } = await client.assertQueue('', { exclusive: true });
    await client.bindQueue(queue, 'customer_app_events', 'customer-1');
    const told = await collect(client, queue);
    expect(await post(offline, JSON.stringify(EVENT))).toBe(202);
    await expect.poll(() => told).toContainEqual(EVENT);
    await client.deleteQueue(queue);
  }

  it('plays the exercise once on its private broker, and its pages show all of it', async () => {
    await expect.poll(offline.output).toMatch(/8 for customer-5/);
    await expect.poll(offline.output).toMatch(/ZZ-999 +│ dead letter/);
    await expect
      .poll(() => floorOf(offline))
      .toMatchObject({
        snapshot: {
          totals: { pickUps: 5, purchases: 5, bills: 5, revenue: 40, deadLetters: 1 },
          deadLetters: [{ reason: 'unknown product' }],
          // Of the workers and of the customers' apps.
          invocations: expect.arrayContaining(
            ['worker01_queue', 'worker02_queue', 'customer_app.customer-1'].map((queue) =>
              expect.objectContaining({ queue }),
            ),
          ),
        },
        status: {
          workers: [
            { queue: 'worker01_queue', role: 'active' },
            { queue: 'worker02_queue', role: 'active' },
          ],
        },
      });
  });

  it('takes events over HTTP, and gives bills and customer events', async () => {
    const client = await offline.connect('.smart-shopping');
    const bills = await collect(client, 'billing_events');
    await client.assertQueue('observer');
    await client.bindQueue('observer', 'customer_app_events', 'customer-1');
    const received = await collect(client, 'observer');

    await client.assertQueue('traces');
    await client.bindQueue('traces', 'customer_app_events', 'customer-1');
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

    expect(await post(offline, JSON.stringify(EVENT))).toBe(202);
    expect(await post(offline, JSON.stringify(PURCHASE), { traceparent })).toBe(202);
    await expect.poll(() => bills).toEqual([BILL]);
    await expect.poll(() => received).toEqual([EVENT, PURCHASE, BILL]);
    const traces: unknown[] = [];
    for (let got = await client.get('traces'); got; got = await client.get('traces')) {
      traces.push(got.properties.headers?.['traceparent']);
    }
    expect(traces).toEqual([undefined, traceparent, traceparent]);

    expect(await post(offline, 'no event')).toBe(400);
    expect(await post(offline, ' '.repeat(70_000))).toBe(413);
    expect(await post(offline, JSON.stringify(EVENT), { 'content-type': 'text/plain' })).toBe(415);
  });

  it('keeps an open basket when its private broker is killed and started again', async () => {
    await pickUp();
    const { pid } = offline.broker('.smart-shopping');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => offline.broker('.smart-shopping').pid).not.toBe(pid);
    // The sensor says 503 until it has found the broker again.
    await expect.poll(() => post(offline, JSON.stringify(PURCHASE))).toBe(202);
    const bills = await collect(await offline.connect('.smart-shopping'), 'billing_events');
    await expect.poll(() => bills).toEqual([BILL]);
    await expect.poll(offline.output).toContain('RabbitMQ is back');
  });

  it('leaves nothing running, remembers a basket over a restart, and says 503 where an event can go nowhere', async () => {
    await pickUp();
    expect(await offline.stop()).toBe(0);
    expect(processesOf(service.folder)).toEqual([]);

    offline = await service.offline('--no-demo');
    const client = await offline.connect('.smart-shopping');
    const bills = await collect(client, 'billing_events');
    expect(await post(offline, JSON.stringify(PURCHASE))).toBe(202);
    await expect.poll(() => bills).toEqual([BILL]);
    for (const queue of ['worker01_queue', 'worker02_queue']) {
      await client.unbindQueue(queue, 'shopping_events_exchange', '1');
    }
    expect(await post(offline, JSON.stringify(EVENT))).toBe(503);
  });

  it('ends as at Ctrl-C when its terminal is closed', async () => {
    offline.process.kill('SIGHUP');
    expect(await offline.ended).toBe(0);
    expect(processesOf(service.folder)).toEqual([]);
  });
});

describe('the shop under serverless offline', () => {
  beforeEach(createShop);
  afterEach(() => service.remove());

  it('sends its traces to a collector that the environment names', async () => {
    service.env['AMQP_URL'] = ownVirtualHost();
    const collector = await openCollector();
    service.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.endpoint;
    const offline = await service.offline('--no-demo');
    expect(await post(offline, JSON.stringify(EVENT))).toBe(202);
    expect(await post(offline, JSON.stringify(PURCHASE))).toBe(202);
    const worker = expect.stringMatching(/^worker0[12]_queue: process worker0[12]_queue$/);
    const bill = expect.stringMatching(/^worker0[12]_queue: send billing_events$/);
    const hops = ['shopping-sensor: POST /shopping-events', 'shopping-sensor: send shopping_events_exchange'];
    const app = 'customer_app.customer-1: process customer_app.customer-1';
    await expect
      .poll(() => [...collector.traces().values()])
      .toContainEqual(expect.arrayContaining([...hops, worker, bill, app]));
    expect(await offline.stop()).toBe(0);
    collector.close();
  });
});

describe('a broker given by AMQP_URL', () => {
  beforeEach(createShop);
  afterEach(() => service.remove());

  it('is served; the demo is played on it only when asked for; what it lost is declared again', async () => {
    const folder = join(service.folder, 'given');
    const given = await startPrivateBroker({ folder });
    service.env['AMQP_URL'] = given.amqpUrl;
    const quiet = await service.offline();
    expect(await post(quiet, JSON.stringify(EVENT))).toBe(202);
    await expect.poll(quiet.output).toMatch(/customerApp customer_app.customer-1: 1 message/);
    expect(await quiet.stop()).toBe(0);
    expect(quiet.output()).not.toContain('The demo');

    const offline = await service.offline('--demo');
    await expect.poll(offline.output).toMatch(/8 for customer-5/);
    await given.stop();
    const emptied = await startPrivateBroker({ folder, fresh: true });
    const { host, username, password } = new URL(given.amqpUrl);
    expect(new URL(emptied.amqpUrl).host).toBe(host);
    await emptied.ctl('change_password', username, password);
    await expect.poll(offline.output).toContain('RabbitMQ is back');
    await expect.poll(() => post(offline, JSON.stringify(EVENT))).toBe(202);
    await expect.poll(offline.output).toMatch(/back.*customerApp customer_app.customer-1: 1 message/s);
    expect(await offline.stop()).toBe(0);
    await emptied.stop();
  });
});

describe('with no broker and no credentials', () => {
  beforeEach(createShop);
  afterEach(() => service.remove());

  it('a function can be invoked from the command line, and publishes nothing', async () => {
    const args = ['invoke', 'local', '-f', 'shoppingWorker', '--path', 'test/events/pick-up-and-purchase.json'];
    const { code, output } = await service.serverless(...args);
    expect(code).toBe(0);
    expect(output).toContain('"shopping_cost": 8');
  });

  it('a function can be invoked over HTTP; its messages come back and go nowhere', async () => {
    service.env['AMQP_URL'] = 'amqp://127.0.0.1:1';
    const offline = await service.offlineAlone();
    const invoked = await invoke(offline, 'shoppingWorker', 'pick-up-and-purchase.json');
    expect(invoked.outgoing.map(({ exchange, body }) => [exchange, body])).toEqual([
      ['customer_app_events', EVENT],
      ['customer_app_events', PURCHASE],
      ['billing_events', BILL],
      ['customer_app_events', BILL],
    ]);
    expect(invoked.batchItemFailures).toEqual([]);
    expect(await invoke(offline, 'customerApp', 'bill-for-customer.json')).toMatchObject({ batchItemFailures: [] });
    expect(await post(offline, JSON.stringify(EVENT))).toBe(503);
    expect(await floorOf(offline)).toMatchObject({ snapshot: { feed: [] }, status: { connected: false } });
    expect(await offline.stop()).toBe(0);
  });

  it('the service can be packaged', async () => {
    const { code, output } = await service.serverless('package');
    expect({ code, output }).toMatchObject({ code: 0 });
    const template = readFileSync(`${service.folder}/.serverless/cloudformation-template-update-stack.json`, 'utf8');
    const { Resources } = JSON.parse(template) as { Resources: Record<string, { Type: string; Properties: object }> };
    const mappings = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
    const custom = 'arn:aws:mq:us-east-1:000000000000:broker:shop:b-00000000-0000-0000-0000-000000000000';
    const secret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-000000';
    const mapping = (of: string, queue: string) => ({
      EventSourceArn: custom,
      FunctionName: { 'Fn::GetAtt': [`${of}LambdaFunction`, 'Arn'] },
      Queues: [queue],
      SourceAccessConfigurations: [{ Type: 'BASIC_AUTH', URI: secret }],
    });
    const customers = [1, 2, 3, 4, 5].map((n) => mapping('CustomerApp', `customer_app.customer-${n}`));
    const workers = ['worker01_queue', 'worker02_queue'].map((queue) => mapping('ShoppingWorker', queue));
    expect(mappings.map(({ Properties }) => Properties)).toMatchObject([...workers, ...customers]);
    // What the parity report says about windows and batch sizes holds only if they are not in the template.
    expect(template).not.toMatch(/MaximumBatchingWindow|FunctionResponseTypes|"BatchSize"/);
  });

  it('what will differ on AWS is told, each point with its function and queue', async () => {
    const { code, stdout, stderr } = await run(
      resolve('dist/infra/shop/commands/smart-shopping.js'),
      ['parity', '--json'],
      service.folder,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const findings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(findings.filter(({ queue }) => queue === 'worker01_queue').map(({ what }) => what)).toEqual([
      'a batch that fails',
      'a message refused with a reason',
      'no maximumBatchingWindow',
    ]);
    expect(findings).toContainEqual(
      expect.objectContaining({ function: 'customerApp', what: '5 queues on one function' }),
    );
    writeFileSync(
      join(service.folder, 'serverless.yml'),
      'service: broken\nprovider: { name: aws }\nplugins: [none]\n',
    );
    const broken = await run(resolve('dist/infra/shop/commands/smart-shopping.js'), ['parity'], service.folder);
    expect(broken).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^osls plugin "none" not found/),
    });
  });
});

describe('the process', () => {
  beforeEach(createShop);
  afterEach(() => service.remove());

  it('ends when the npm that started it is killed, and leaves nothing running', async () => {
    const httpPort = await freePort();
    const lambdaPort = await freePort([httpPort]);
    const serverless = `"${process.execPath}" "${resolve('node_modules/serverless/bin/serverless.js')}"`;
    const start = `exec ${serverless} offline --httpPort ${httpPort} --lambdaPort ${lambdaPort} --no-demo`;
    writeFileSync(join(service.folder, 'package.json'), JSON.stringify({ type: 'module', scripts: { start } }));
    const { AMQP_URL: _, ...env } = process.env;
    const npm = spawn('npm', ['start'], { cwd: service.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (text) => (output += text));
    await expect.poll(() => output).toMatch(/queues are served/);
    expect(processesOf(service.folder).join()).toMatch(/serverless.*beam|beam.*serverless/s);
    npm.kill('SIGKILL');
    await expect.poll(() => processesOf(service.folder)).toEqual([]);
  });
});
