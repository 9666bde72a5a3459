import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Channel, type ConfirmChannel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PrivateBroker, startPrivateBroker } from '../../infra/broker/private-broker.js';
import { definitions, exactly, rabbitmqctlCommands } from '../../infra/shop/rights/permissions.js';
import { type RightsOptions, ROLES, type RoleName, rightsOf } from '../../infra/shop/rights/rights.js';
import { startCustomerApp } from '../../infra/shop/roles/customer-app.js';
import { startWorker } from '../../infra/shop/roles/worker.js';
import { declareShop } from '../../infra/shop/topology/declare-shop.js';
import { wholeTopology } from '../../infra/shop/topology/shop-topology.js';
import { DeadLetterActions } from '../../infra/shop/web/dead-letter-actions.js';
import { LiveShop } from '../../infra/shop/web/live-shop.js';
import { ShopMetrics } from '../../infra/shop/web/metrics.js';
import { watchShop } from '../../infra/shop/web/watch-shop.js';
import { createSender } from '../../lib/lambda/function/publishing.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { removeLetters } from '../../lib/rabbitmq/dead-letters/remove-letters.js';
import { parseCatalog } from '../../lib/shop/domain/catalog.js';
import { shoppingEventMessage } from '../../lib/shop/domain/messages.js';
import {
  BILLING_EVENTS,
  CUSTOMER_APP_EVENTS,
  customerQueue,
  DEAD_LETTER_EXCHANGE,
  DEAD_LETTER_LOG,
  DEAD_LETTER_QUEUE,
  SHOPPING_EVENTS_EXCHANGE,
  WORKER_QUEUES,
  WORKER_STATUS,
} from '../../lib/shop/domain/topology.js';
import type { ActionProgress } from '../../lib/shop/floor/shop-status.js';
import { CUSTOMER_STREAM } from '../../lib/shop/floor/streams.js';
import { newFolder, removeFolders } from '../support/broker/leftovers.js';
import { type RecordingLog, recordingLog } from '../support/broker/recording-log.js';
import { addUsers } from '../support/broker/users.js';
import { start } from '../support/system/child.js';

/** A node of its own: users belong to all of a node. */
let broker: PrivateBroker;
const CUSTOMER = 'customer-1';
const catalog = parseCatalog({
  customers_database: { [CUSTOMER]: ['AX-123'], 'customer-2': ['BX-123'] },
  cost_per_unit: 2,
  number_of_units: 5,
});

beforeAll(async () => {
  broker = await startPrivateBroker({ folder: await newFolder() });
  const log = recordingLog();
  await onConnection({ amqpUrl: broker.amqpUrl, connectionName: 'administrator', log }, (connection) =>
    declareShop(connection, wholeTopology(), [], log),
  );
  const all = ROLES.map((role) => ({ role, rights: rightsOf(role, rightsFor(role)) }));
  const patterns = all.map(({ role, rights: { configure, write, read } }) => ({
    ...{ name: userOf(role), password: 'secret' },
    rights: [exactly(configure), exactly(write), exactly(read)] as const,
  }));
  await addUsers(broker, ...patterns);
  // As the printed commands grant them, where there is most to quote.
  for (const { role, rights } of all.filter(({ rights }) => rights.topics.length > 0)) {
    const [, ...commands] = rabbitmqctlCommands({ name: userOf(role), vhost: '/' }, rights);
    for (const command of commands) await broker.ctl(...wordsOf(command));
  }
});

afterAll(async () => {
  await broker.stop();
  await removeFolders();
});

function rightsFor(role: RoleName): RightsOptions {
  return { workerQueues: WORKER_QUEUES, ...(role === 'customer' && { customer: CUSTOMER }) };
}

/** A name that a shell and a regular expression would read differently. */
function userOf(role: RoleName): string {
  return `the ${role}'s.*`;
}

/** The words of a command line except the first, as a shell reads them. */
function wordsOf(command: string): string[] {
  const printed = execFileSync('sh', ['-c', `set -- ${command}; shift; printf '%s\\0' "$@"`]).toString();
  return printed.split('\0').slice(0, -1);
}

function addressOf(role: RoleName): string {
  const url = new URL(broker.amqpUrl);
  return `amqp://${encodeURIComponent(userOf(role))}:secret@${url.host}`;
}

const readOnce = (queue: string) => async (channel: Channel) => {
  await channel.prefetch(1);
  await channel.consume(queue, () => undefined);
};
const publish =
  (exchange: string, routingKey = '') =>
  async (channel: ConfirmChannel) => {
    channel.publish(exchange, routingKey, Buffer.from('{}'));
    await channel.waitForConfirms();
  };
const STREAM = { durable: true, arguments: { 'x-queue-type': 'stream', 'x-max-length-bytes': 512 * 1024 * 1024 } };

/** What someone may want to do, and who may. */
const OPERATIONS: Readonly<
  Record<string, readonly [operation: (channel: ConfirmChannel) => Promise<unknown>, allowed: readonly RoleName[]]>
> = {
  'send a shopping event': [
    publish(SHOPPING_EVENTS_EXCHANGE, 'AX-123'),
    ['sensor', 'worker', 'pages-acting', 'operator'],
  ],
  "take a worker's events": [readOnce('worker01_queue'), ['worker']],
  'bind a queue to the events': [
    (channel) => channel.bindQueue('worker01_queue', SHOPPING_EVENTS_EXCHANGE, '1'),
    ['worker'],
  ],
  "write to a worker's changelog": [publish('worker01_queue.changelog'), ['worker']],
  "read a worker's changelog": [readOnce('worker01_queue.changelog'), ['worker']],
  "delete a worker's changelog": [
    (channel) =>
      channel.assertQueue('worker02_queue.changelog', {
        ...STREAM,
        arguments: { ...STREAM.arguments, 'x-stream-max-segment-size-bytes': 32 * 1024 * 1024 },
      }),
    ['operator'],
  ],
  'hand baskets over, or have them handed over': [
    publish(`${SHOPPING_EVENTS_EXCHANGE}.rescale`, 'nowhere'),
    ['worker', 'operator'],
  ],
  'write a bill': [publish(BILLING_EVENTS), ['worker']],
  'read the bills': [readOnce(BILLING_EVENTS), ['till']],
  'tell a customer something': [publish(CUSTOMER_APP_EVENTS, CUSTOMER), ['worker']],
  'read what customer-1 is told': [readOnce(customerQueue(CUSTOMER)), ['customer']],
  'read what customer-2 is told': [readOnce(customerQueue('customer-2')), []],
  "bind customer-1's queue to customer-1": [
    (channel) => channel.bindQueue(customerQueue(CUSTOMER), CUSTOMER_APP_EVENTS, CUSTOMER),
    ['customer'],
  ],
  "bind customer-1's queue to all customers": [
    (channel) => channel.bindQueue(customerQueue(CUSTOMER), CUSTOMER_APP_EVENTS, '#'),
    [],
  ],
  'read what all customers are told': [readOnce(CUSTOMER_STREAM), ['pages-looking', 'pages-acting']],
  'read the dead letters': [readOnce(DEAD_LETTER_QUEUE), ['pages-acting', 'operator']],
  'write a dead letter': [publish(DEAD_LETTER_EXCHANGE), ['worker']],
  'write to the log of dead letters': [publish(DEAD_LETTER_LOG), ['worker', 'pages-acting', 'operator']],
  'read the log of dead letters': [readOnce(DEAD_LETTER_LOG), ['pages-looking', 'pages-acting', 'operator']],
  'report as a worker': [publish(WORKER_STATUS), ['worker']],
  "read the workers' reports": [readOnce(WORKER_STATUS), ['worker', 'pages-looking', 'pages-acting']],
  'declare an exchange anew, or delete it': [
    (channel) => channel.assertExchange(CUSTOMER_APP_EVENTS, 'topic', { durable: true }),
    [],
  ],
  'declare a queue': [(channel) => channel.assertQueue('', { exclusive: true }), []],
  'write to any queue (`amq.default`)': [publish('', BILLING_EVENTS), []],
};

const stop = new AbortController();

/** What a role does at work, with a log that should contain no complaint. */
const WORK: Readonly<Record<RoleName, (amqpUrl: string, log: RecordingLog) => Promise<void>>> = {
  sensor: async (amqpUrl, log) => {
    const sender = createSender({ amqpUrl, name: 'sensor', log });
    const pickUp = { type: 'pick up', timestamp: '2026-01-01T10:00:00' } as const;
    const purchase = { type: 'purchase', timestamp: '2026-01-01T10:05:00' } as const;
    const events = [
      { ...pickUp, product: 'AX-123' },
      { ...purchase, product: 'AX-123' },
      { ...purchase, product: 'unknown' },
    ];
    await sender.publish(events.map((event, index) => shoppingEventMessage(event, `m-${index}`, undefined)));
    await sender.close();
  },
  worker: async (amqpUrl, log) => {
    const verdicts: string[] = [];
    for (const queue of WORKER_QUEUES) {
      const onEvent = ({ verdict }: { readonly verdict: string }) => void verdicts.push(verdict);
      const worker = startWorker({
        ...{ id: queue, queue, amqpUrl, log, signal: stop.signal },
        catalog: () => catalog,
        onEvent,
      });
      await worker.ready;
    }
    await expect.poll(() => verdicts.toSorted()).toEqual(['billed', 'picked up', 'rejected']);
  },
  customer: async (amqpUrl, log) => {
    const app = startCustomerApp({ customer: CUSTOMER, amqpUrl, log, signal: stop.signal });
    await app.ready;
    await expect.poll(() => app.lists().billingEvents.length).toBe(1);
  },
  till: async (amqpUrl) => {
    const model = await connect(amqpUrl);
    const bills: string[] = [];
    const channel = await model.createChannel();
    await channel.consume(BILLING_EVENTS, (bill) => bills.push(`${bill?.content}`), { noAck: true });
    await expect.poll(() => bills.join()).toContain(`"customer_id":"${CUSTOMER}"`);
    await model.close();
  },
  'pages-looking': async (amqpUrl, log) => {
    await pages(amqpUrl, log);
  },
  'pages-acting': async (amqpUrl, log) => {
    await pages(amqpUrl, log);
    let progress: Partial<ActionProgress> = {};
    const onProgress = (now: ActionProgress): void => {
      progress = now;
    };
    new DeadLetterActions({ amqpUrl, log, signal: stop.signal, onProgress }).start({
      kind: 'redrive',
      which: 'all',
      by: 'a test',
    });
    await expect.poll(() => progress).toMatchObject({ state: 'done', done: 1 });
  },
  operator: async (amqpUrl, log) => {
    const { signal } = stop;
    const places = { queue: DEAD_LETTER_QUEUE, log: DEAD_LETTER_LOG, signal };
    await onConnection({ amqpUrl, connectionName: 'operator', log }, async (connection) => {
      const waiting = async () =>
        (await listDeadLetters(connection, places)).letters.filter(({ state }) => state === 'waiting');
      // It was redriven before, and refused again.
      await expect.poll(waiting).toMatchObject([{ reason: 'unknown product', redrives: 1 }]);
      expect(await removeLetters(connection, 'redrive', await waiting(), places)).toEqual({ done: 1, left: [] });
    });
  },
};

async function pages(amqpUrl: string, log: RecordingLog): Promise<void> {
  const shop = new LiveShop();
  const { signal } = stop;
  void watchShop({ shop, metrics: new ShopMetrics(), amqpUrl, log, signal });
  await shop.begun;
  shop.watchFloor(signal);
  await expect.poll(() => shop.floor.feed.length).toBeGreaterThan(0);
  await expect.poll(() => shop.status.workers.length).toBe(WORKER_QUEUES.length);
  await expect.poll(() => shop.status.queues.length).toBeGreaterThan(0);
}

describe('with the rights that `permissions` prints, where all is declared', () => {
  afterAll(() => stop.abort());

  it.each(Object.entries(WORK))('%s does its work, and nothing is refused', async (role, work) => {
    const log = recordingLog();
    await work(addressOf(role as RoleName), log);
    expect(log.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  it('a worker dead-letters itself what RabbitMQ cannot, for its headers', async () => {
    const model = await connect(broker.amqpUrl);
    const channel = await model.createConfirmChannel();
    const letters = async () => (await channel.checkQueue(DEAD_LETTER_QUEUE)).messageCount;
    const before = await letters();
    const headers = { fatal: { '!': 'decimal', value: { digits: 1, places: 1 } } };
    channel.publish(SHOPPING_EVENTS_EXCHANGE, 'unknown', Buffer.from('{}'), { headers, messageId: 'fatal' });
    await channel.waitForConfirms();
    await expect.poll(letters).toBe(before + 1);
    await model.close();
  });
});

describe('who may do what', () => {
  const table = new Map<string, ReadonlyMap<RoleName, boolean>>();

  it.each(Object.entries(OPERATIONS))('%s', async (name, [operation, allowed]) => {
    const results = new Map<RoleName, boolean>();
    for (const role of ROLES) results.set(role, await isAllowed(role, operation));
    table.set(name, results);
    expect([...results].filter(([, isDone]) => isDone).map(([role]) => role)).toEqual(
      ROLES.filter((role) => allowed.includes(role)),
    );
  });

  it('is what the documentation says', () => {
    const head = ['', ...ROLES];
    const rows = [...table].map(([name, results]) => [name, ...ROLES.map((role) => (results.get(role) ? 'yes' : ''))]);
    const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), 3));
    const line = (cells: readonly string[], fill = ' ') =>
      `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
    const drawn = [
      line(head),
      line(
        head.map(() => '-'),
        '-',
      ),
      ...rows.map((row) => line(row)),
    ].join('\n');
    console.log(drawn);
    expect(readFileSync('docs/security.md', 'utf8')).toContain(drawn);
  });
});

/** @throws Error for any refusal other than of access */
async function isAllowed(role: RoleName, operation: (channel: ConfirmChannel) => Promise<unknown>): Promise<boolean> {
  const model = await connect(addressOf(role));
  try {
    const channel = await model.createConfirmChannel();
    const refused = new Promise<Error>((resolve) => channel.once('error', resolve));
    const done = operation(channel).then(
      () => undefined,
      () => refused,
    );
    const refusal = await Promise.race([done, refused]);
    if (refusal !== undefined) expect(refusal.message).toMatch(/ACCESS.REFUSED - access to .* refused for user/);
    return refusal === undefined;
  } finally {
    await model.close();
  }
}

it("a customer's app that may configure nothing says that its exchange was declared anew, and hears again", async () => {
  const log = recordingLog();
  const ending = new AbortController();
  const app = startCustomerApp({
    ...{ customer: CUSTOMER, amqpUrl: addressOf('customer'), log, signal: ending.signal },
    topologyCheckMs: 100,
  });
  await app.ready;
  const model = await connect(broker.amqpUrl);
  const channel = await model.createConfirmChannel();
  await channel.deleteExchange(CUSTOMER_APP_EVENTS);
  await channel.assertExchange(CUSTOMER_APP_EVENTS, 'topic', { durable: true });
  await expect.poll(() => log.of('exchange-replaced')).toHaveLength(1);
  const event = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };
  const tell = async (): Promise<number> => {
    channel.publish(CUSTOMER_APP_EVENTS, CUSTOMER, Buffer.from(JSON.stringify(event)));
    await channel.waitForConfirms();
    return app.lists().shoppingEvents.length;
  };
  await expect.poll(tell).toBeGreaterThan(0);
  ending.abort();
  await app.ended;
  await model.close();
});

describe('the commands, by users with these rights', () => {
  const by = (role: RoleName) => ({ AMQP_URL: addressOf(role), NO_COLOR: '1' });

  it('sell a product from end to end, and nothing is refused', async () => {
    const folder = await newFolder();
    const worker = start(folder, 'run-worker', ['-i', 'worker01', '-q', 'worker01_queue'], by('worker'));
    const other = start(folder, 'run-worker', ['-i', 'worker02', '-q', 'worker02_queue'], by('worker'));
    const app = start(folder, 'run-customer-app', ['-c', CUSTOMER], by('customer'));
    for (const child of [worker, other]) await expect.poll(child.stderr).toContain('is ready on');
    const standby = start(folder, 'run-worker', ['-i', 'standby', '-q', 'worker01_queue'], by('worker'));
    await expect.poll(standby.stderr).toContain('stands by');
    for (const event of ['pick up', 'purchase']) {
      const sensor = start(folder, 'produce-shopping-event', ['-e', event, '-c', CUSTOMER], by('sensor'));
      expect({ code: await sensor.ended, stderr: sensor.stderr() }).toMatchObject({ code: 0 });
    }
    await expect.poll(app.stdout).toContain('AX-123');
    const plan = start(folder, 'smart-shopping', ['rescale', ...WORKER_QUEUES, '--yes', '--wait'], by('operator'));
    expect({ code: await plan.ended, stderr: plan.stderr() }).toMatchObject({ code: 0 });
    const letters = start(folder, 'smart-shopping', ['dead-letters', 'list'], by('operator'));
    expect({ code: await letters.ended, stderr: letters.stderr() }).toMatchObject({ code: 0 });
    for (const child of [worker, other, standby, app]) {
      child.process.kill('SIGTERM');
      expect(await child.ended).toBe(0);
      expect(child.stderr()).not.toMatch(/refuse|warning|error/i);
    }
    const forgetting = start(folder, 'smart-shopping', ['forget-baskets', 'worker01_queue', '--yes'], by('operator'));
    expect({ code: await forgetting.ended, stderr: forgetting.stderr() }).toMatchObject({ code: 0 });
    const lost = start(folder, 'run-worker', ['-i', 'worker01', '-q', 'worker01_queue'], by('worker'));
    const missing = 'stream worker01_queue.changelog is missing, and this user has no right to configure it';
    await expect.poll(lost.stderr).toContain(`${missing}: \`npx smart-shopping topology declare\` declares it`);
    const declared = start(folder, 'smart-shopping', ['topology', 'declare'], { AMQP_URL: broker.amqpUrl });
    expect(await declared.ended).toBe(0);
    await expect.poll(lost.stderr).toContain('worker01 is ready on worker01_queue');
    lost.process.kill('SIGTERM');
    await lost.ended;
  });
});

it('the definitions are imported as they are', async () => {
  const rights = rightsOf('customer', { customer: 'customer-2', workerQueues: WORKER_QUEUES });
  await broker.ctl('add_user', 'imported', 'secret');
  const file = join(await newFolder(), 'definitions.json');
  writeFileSync(file, JSON.stringify(definitions({ name: 'imported', vhost: '/' }, rights)));
  await broker.ctl('import_definitions', file);
  expect(await broker.ctl('list_user_permissions', 'imported')).toContain('customer_app\\.customer-2');
  expect(await broker.ctl('list_user_topic_permissions', 'imported')).toContain('^(customer-2)$');
});
