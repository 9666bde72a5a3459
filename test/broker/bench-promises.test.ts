import { randomUUID } from 'node:crypto';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeRecord } from '../../lib/rabbitmq/changelog/changelog-record.js';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { offsetOf } from '../../lib/rabbitmq/connection/stream-offset.js';
import { readStream } from '../../lib/rabbitmq/consuming/read-stream.js';
import { lastOffset } from '../../lib/rabbitmq/consuming/stream-end.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { parseCatalog } from '../../lib/shop/domain/catalog.js';
import { DEAD_LETTER_QUEUE, WORKER_QUEUES, WORKER_STATUS } from '../../lib/shop/domain/topology.js';
import { FLOOR_STREAMS } from '../../lib/shop/floor/streams.js';
import { type BareOrders, startBareWorker } from '../bench/bare-worker.js';
import { CONTENDERS, type Contender, LADDER } from '../bench/contenders.js';
import { type OursOrders, startOurs } from '../bench/ours-worker.js';
import { PROMISES, type PromiseName } from '../bench/promises.js';
import { ALL_CUSTOMERS, declareBench, quiet } from '../bench/topology.js';
import { amqpUrl, eventually } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

const [QUEUE] = WORKER_QUEUES;
const CHANGELOG = `${QUEUE}.changelog`;
const TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
/** No routing key can be as long as this customer's name. */
const UNSENDABLE = 'UNSENDABLE';
const catalog = parseCatalog({
  customers_database: { 'customer-1': ['A', 'B', 'C'], 'customer-2': UNSENDABLE },
  cost_per_unit: 2,
  number_of_units: 5,
});
const withUnsendable = {
  ...catalog,
  customerOf: (product: string) => (product === UNSENDABLE ? 'x'.repeat(300) : catalog.customerOf(product)),
};

let connection: Connection;
let channel: ConfirmChannel;

beforeAll(async () => {
  const log = recordingLog();
  await declareBench(amqpUrl, 'quorum', async (own) => {
    await declareTopology(own, FLOOR_STREAMS, quiet);
  });
  connection = await openConnection({ amqpUrl, connectionName: 'promises', log });
  channel = await connection.model.createConfirmChannel();
});
afterAll(() => connection.close());

const contenders = [...LADDER, ...CONTENDERS].filter(({ promises }) => promises !== undefined);
const isOurs = ({ module }: Contender): boolean => module === './contender-ours.js';

function start({ orders, ...contender }: Contender): Promise<{ close(): Promise<void> }> {
  // No node is killed here.
  const given = { amqpUrl, youngQueueMs: 0, ...orders };
  return isOurs({ orders, ...contender })
    ? startOurs(QUEUE, given as unknown as OursOrders, withUnsendable)
    : startBareWorker(QUEUE, given as unknown as BareOrders, withUnsendable);
}

interface Sent {
  readonly product: string;
  readonly id?: string;
  readonly extra?: object;
  readonly headers?: object;
}

async function send({ product, id = randomUUID(), extra = {}, headers = {} }: Sent): Promise<void> {
  const body = { event_type: 'pick up', product_number: product, timestamp: '2026-01-01T10:00:00Z', ...extra };
  channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(body)), { persistent: true, messageId: id, headers });
  await channel.waitForConfirms();
}

/** What customers have been told once there is this much of it, or what is in another queue. */
async function taken(count: number, queue = ALL_CUSTOMERS): Promise<ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  await eventually(async () => {
    for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true })) {
      messages.push(got as unknown as ConsumeMessage);
    }
    return messages.length >= count;
  });
  return messages;
}

async function clear(): Promise<void> {
  for (const queue of [QUEUE, ALL_CUSTOMERS, DEAD_LETTER_QUEUE]) await channel.purgeQueue(queue);
  await channel.deleteQueue(CHANGELOG);
  // Without it nothing shows that a changelog existed.
  await channel.deleteExchange(CHANGELOG);
}

/** Everything that was ever written to a stream; undefined if there is none. */
async function written(stream: string): Promise<string | undefined> {
  if (!(await exists(connection, (own) => own.checkQueue(stream)))) return undefined;
  const end = await lastOffset(connection, stream, new AbortController().signal);
  let text = '';
  if (end === -1) return text;
  for await (const entries of readStream(connection, stream, { from: 'first' })) {
    for (const entry of entries) text += `${entry.content}\n`;
    if (offsetOf(entries.at(-1) as ConsumeMessage) >= end) break;
  }
  return text;
}

/** How each promise shows itself: whether this contender keeps it. */
const SHOWS: Readonly<Record<Exclude<PromiseName, 'event'>, (contender: Contender) => Promise<boolean>>> = {
  record: async (contender) => {
    const worker = await start(contender);
    await send({ product: 'A' });
    await taken(1);
    await worker.close();
    return (await written(CHANGELOG))?.includes('"handled":["') ?? false;
  },
  identity: async (contender) => {
    const worker = await start(contender);
    const id = randomUUID();
    await send({ product: 'A', id });
    await taken(1);
    await send({ product: 'B', id });
    await send({ product: 'A', id });
    await send({ product: 'C' });
    const told = await until('C');
    await worker.close();
    return told.filter((product) => product === 'B').length === 1 && !told.includes('A');
  },
  ids: async (contender) => {
    const id = randomUUID();
    const ids: string[] = [];
    for (const product of ['A', 'A', 'B']) {
      const worker = await start(contender);
      await send({ product, id });
      const [alert] = await taken(1);
      ids.push(String(alert?.properties.messageId));
      await worker.close();
      // A worker that has never heard of it.
      await clear();
    }
    const [first, again, other] = ids;
    return /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/.test(first ?? '') && first === again && other !== first;
  },
  checked: async (contender) => {
    // Of one batch.
    for (const product of ['A', UNSENDABLE, 'B']) await send({ product });
    const worker = await start(contender);
    const waiting = async (queue: string) => (await channel.checkQueue(queue)).messageCount;
    // Ours tries each alone, and goes on; a bare one ends.
    const isOver = async () => (await channel.checkQueue(QUEUE)).consumerCount === 0;
    await eventually(isOurs(contender) ? async () => (await waiting(DEAD_LETTER_QUEUE)) === 1 : isOver);
    await worker.close();
    // A worker that took the first one by itself has sent it, and shows nothing.
    if (!isOurs(contender) && (await waiting(QUEUE)) !== 3) {
      await clear();
      return SHOWS.checked(contender);
    }
    const isRecorded = (await written(CHANGELOG))?.includes('x'.repeat(300)) ?? false;
    return !isRecorded && (await waiting(ALL_CUSTOMERS)) === (isOurs(contender) ? 2 : 0);
  },
  validated: async (contender) => {
    const worker = await start(contender);
    await send({ product: 'A', extra: { unknown: 'field' } });
    await send({ product: 'B' });
    const told = await until('B');
    await worker.close();
    return !told.includes('A') && (await taken(1, DEAD_LETTER_QUEUE)).length === 1;
  },
  owned: async (contender) => {
    const worker = await start(contender);
    await send({ product: 'A' });
    await taken(1);
    const nonce = randomUUID();
    const opening = encodeRecord({ kind: 'opening', nonce });
    // Without a changelog no one gets it.
    channel.sendToQueue(CHANGELOG, opening, { persistent: true, type: 'opening', messageId: `${nonce}.0` });
    for (const product of ['B', 'C']) await send({ product });
    const told: string[] = [];
    // A worker that was replaced ends; ours comes back, and repeats what did not count. Any other goes on.
    const settled = await eventually(async () => {
      told.push(...productsOf(await taken(0)));
      if ((await channel.checkQueue(QUEUE)).consumerCount === 0) return { nothing: true };
      return told.includes('C') && { nothing: told.filter((product) => product === 'B').length > 1 };
    });
    await worker.close();
    return settled.nothing;
  },
  traced: async (contender) => {
    const before = (await written(WORKER_STATUS))?.length;
    const worker = await start(contender);
    const id = randomUUID();
    await send({ product: 'A', id, headers: { traceparent: TRACE } });
    const [alert] = await taken(1);
    await worker.close();
    const goesOn = alert?.properties.headers?.['traceparent'] === TRACE;
    return goesOn && ((await written(WORKER_STATUS))?.slice(before).includes(id) ?? false);
  },
};

function productsOf(messages: readonly ConsumeMessage[]): string[] {
  return messages.map(({ content }) => JSON.parse(content.toString()).product_number);
}

/** The products that customers were told about, until one arrives. */
async function until(product: string): Promise<string[]> {
  const told: string[] = [];
  while (!told.includes(product)) told.push(...productsOf(await taken(1)));
  return told;
}

it.each(contenders.map((contender) => [contender.id, contender.title, contender] as const))(
  'contender %s, %s, keeps what it promises, and nothing else',
  async (_id, _title, contender) => {
    const kept: string[] = [];
    for (const [name, shows] of Object.entries(SHOWS)) {
      if (await shows(contender)) kept.push(name);
      await clear();
    }
    expect(kept.sort()).toEqual(contender.promises?.filter((name) => name !== 'event').sort());
  },
);

it('no promise is left out', () => {
  expect([...Object.keys(SHOWS), 'event'].sort()).toEqual(Object.keys(PROMISES).sort());
});
