import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeenEvent, startWorker, type Worker } from '../../infra/shop/roles/worker.js';
import { databaseFile, readDatabase } from '../../lib/shop/database/database.js';
import { eventually } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

const EVENT = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };
const QUEUE = 'worker01_queue';
const DEAD_LETTERS = 'shopping_events_dead_letter_queue';

let model: ChannelModel;
let channel: Channel;
let worker: Worker;
const seen: SeenEvent[] = [];
const stop = new AbortController();

beforeAll(async () => {
  const amqpUrl = process.env['AMQP_URL'] as string;
  const catalog = readDatabase(databaseFile({}));
  worker = startWorker({
    amqpUrl,
    id: 'worker01',
    queue: QUEUE,
    catalog: () => catalog,
    log: recordingLog(),
    signal: stop.signal,
    onEvent: (event) => seen.push(event),
  });
  await worker.ready;
  model = await connect(amqpUrl);
  channel = await model.createChannel();
});

afterAll(async () => {
  stop.abort();
  await worker.ended;
  await model.close();
});

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const { timestamp: _, ...incomplete } = EVENT;

const BAD: readonly [string, Buffer][] = [
  [
    'bytes that are not UTF-8',
    Buffer.concat([Buffer.from('{"event_type":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]),
  ],
  ['no JSON', Buffer.from("{'event_type': 'pick up'}")],
  ['nothing', Buffer.alloc(0)],
  ['a key too many', json({ ...EVENT, customer_id: 'customer-1' })],
  ['a key too few', json(incomplete)],
  ['a key __proto__', Buffer.from(JSON.stringify(EVENT).replace('{', '{"__proto__":{"polluted":true},'))],
  ['a body of 1 MB', json({ ...EVENT, product_number: 'x'.repeat(1024 * 1024) })],
  ['a depth of a million', Buffer.from('['.repeat(1e6) + ']'.repeat(1e6))],
  ['a deep value', Buffer.from(JSON.stringify(EVENT).replace('"pick up"', '['.repeat(1e5) + ']'.repeat(1e5)))],
];

describe('a message that is not a shopping event', () => {
  it.each(BAD)('is dead-lettered as it came, and the next good one is handled: %s', async (_what, body) => {
    seen.length = 0;
    channel.sendToQueue(QUEUE, body, { headers: { from: 'stranger' } });
    channel.sendToQueue(QUEUE, json(EVENT));
    await eventually(() => seen.length === 2);
    expect(seen.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['rejected', 'undecodable'],
      ['picked up', undefined],
    ]);
    const letter = await eventually(() => channel.get(DEAD_LETTERS, { noAck: true }));
    expect(letter.content.equals(body)).toBe(true);
    expect(letter.properties.headers).toMatchObject({ from: 'stranger', 'x-first-death-queue': QUEUE });
    expect(await channel.get(DEAD_LETTERS, { noAck: true })).toBe(false);
    expect(worker.basket()).toEqual(new Map([['AX-123', EVENT.timestamp]]));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each<[string, Record<string, unknown>]>([
    ['headers of many kinds', { n: 7, yes: true, list: [1, 'two', { three: 3 }], __proto__x: 'data', nothing: null }],
    ['a header table 500 deep', { deep: nested(500) }],
  ])('is not what has odd headers: %s', async (_what, headers) => {
    seen.length = 0;
    channel.sendToQueue(QUEUE, json(EVENT), { headers });
    await eventually(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ verdict: 'picked up' });
  });
});

function nested(depth: number): unknown {
  let table: unknown = 'bottom';
  for (let level = 0; level < depth; level++) table = { table };
  return table;
}
