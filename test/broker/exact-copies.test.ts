import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildRmqEvent } from '../../lib/lambda/event/rmq-event-builder.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { publishRecorded } from '../../lib/rabbitmq/recording/publish-recording.js';
import { deliveryOf, recordedMessage } from '../../lib/recording/recorded-message.js';
import { parseRecordingLine } from '../../lib/recording/recording-line.js';
import { wireOf } from '../../lib/wire/kept.js';
import { readProperties, readTable, type TableEntry, writeProperties, writeTable } from '../../lib/wire/properties.js';
import { amqpUrl, eventually } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

let connection: Connection;

beforeEach(async () => {
  connection = await openConnection({ amqpUrl, connectionName: 'copies', log: recordingLog() });
});

afterEach(() => connection.close());

const entry = (name: string, value: string): TableEntry => ({
  name: Buffer.from(name),
  value: Buffer.from(value, 'latin1'),
});

/** What amqplib's decoder or encoder does not keep. */
const ODD = [
  entry('text', 'S\x00\x00\x00\x02\xff\xfe'),
  entry('long', 'l\x00\x20\x00\x00\x00\x00\x00\x01'),
  entry('float', 'f\x3f\x8c\xcc\xcd'),
  entry('decimal', 'D\x01\xff\xff\xff\xf1'),
  entry('short', 's\x00\x05'),
  entry('table', 'F\x00\x00\x00\x05\x01as\x00\x07'),
  entry('array', 'A\x00\x00\x00\x05f\x3f\x00\x00\x00'),
  entry('bytes', 'x\x00\x00\x00\x01\xff'),
];

async function newQueue(): Promise<string> {
  const channel = await connection.model.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.close();
  return queue;
}

async function taken(queue: string) {
  const channel = await connection.model.createChannel();
  const message = await eventually(() => channel.get(queue, { noAck: true }));
  await channel.close();
  return message;
}

/** Sends odd properties, with a body of so many bytes. */
async function received(bytes: number) {
  const queue = await newQueue();
  const wire = writeProperties({ headers: writeTable(ODD), deliveryMode: Buffer.of(1) });
  const publisher = await Publisher.open(connection, 5_000);
  const content = Buffer.alloc(bytes, 'b');
  await publisher.publish({
    exchange: '',
    routingKey: queue,
    content,
    messageId: undefined,
    mustRoute: true,
    properties: {},
    wire,
  });
  await publisher.close();
  const message = await taken(queue);
  expect(message.content).toEqual(content);
  return { message, wire };
}

it.each([0, 1, 5_000, 300_000])('properties come as they were sent, beside a body of %i bytes', async (bytes) => {
  const { message, wire } = await received(bytes);
  expect(wireOf(message.properties)).toEqual(wire);
  // amqplib sees them, too.
  expect(message.properties).toMatchObject({ deliveryMode: 1, headers: { short: 5, array: [0.5] } });
});

it('the event shows what AWS would', async () => {
  const { message } = await received(1);
  const event = buildRmqEvent({ queue: 'q', vhost: '/', eventSourceArn: 'a' }, [message]);
  expect(event.rmqMessagesByQueue['q::/']?.[0]?.basicProperties.headers).toEqual({
    text: { bytes: [-1, -2] },
    long: 2 ** 53,
    float: 1.1,
    decimal: -1.5,
    short: 5,
    table: { a: 7 },
    array: [0.5],
    bytes: [-1],
  });
});

it('a recording that is published sends what had come, and shows the same event', async () => {
  const { message, wire } = await received(1);
  const line = JSON.stringify({
    kind: 'invocation',
    at: 'now',
    messages: [recordedMessage(message)],
    answer: { batchItemFailures: [], outgoing: [] },
  });
  const recorded = parseRecordingLine(line);
  if (recorded.kind !== 'invocation') throw new Error('no invocation');
  const source = { queue: 'q', vhost: '/', eventSourceArn: 'a' };
  expect(buildRmqEvent(source, recorded.messages.map(deliveryOf))).toEqual(buildRmqEvent(source, [message]));
  const queue = await newQueue();
  async function* messages() {
    yield* recorded.kind === 'invocation' ? recorded.messages : [];
  }
  expect(await publishRecorded(connection, queue, messages())).toBe(1);
  const copy = await taken(queue);
  expect(wireOf(copy.properties)).toEqual(wire);
  expect(readTable(readProperties(wire).headers ?? Buffer.alloc(4))).toEqual(ODD);
});
