import { sizedValue, textPart, type WireProperties, writeProperties, writeTable } from '../../lib/wire/properties.js';
import type { Random } from '../chaos/random.js';

export interface HostileMessage {
  readonly routingKey: string;
  readonly content: Buffer;
  /** Its properties as they travel. */
  readonly wire: Buffer;
}

const EVENT = { event_type: 'pick up', product_number: 'nobody-s', timestamp: '2026-01-01T10:00:00Z' };

/** A useless message, in one of very many ways. The same for the same state of `random`. */
export function hostileMessage(random: Random, id: string): HostileMessage {
  return { routingKey: textOf(random, 60), content: bodyOf(random), wire: propertiesOf(random, id) };
}

function bodyOf(random: Random): Buffer {
  const json = JSON.stringify(EVENT);
  return random.pick([
    () => bytesOf(random, 2_000),
    () => Buffer.from(json.slice(0, numberBelow(random, json.length))),
    () => Buffer.from(json),
    () => Buffer.from(JSON.stringify({ ...EVENT, [random.pick(Object.keys(EVENT))]: anyJson(random, 3) })),
    () => Buffer.from(JSON.stringify({ ...EVENT, [textOf(random, 10)]: anyJson(random, 3) })),
    () => Buffer.from(json.replace('{', '{"__proto__":{"event_type":"purchase"},')),
    () => Buffer.from(JSON.stringify({ ...EVENT, timestamp: `${numberBelow(random, 1e6)}-13-99T99:99:99Z` })),
    () => Buffer.from(json.replace('nobody-s', '\\u0000\\u202e\\u001b[2J')),
    () => Buffer.concat([Buffer.from('{"event_type":"'), bytesOf(random, 20), Buffer.from('"}')]),
    () => Buffer.from('['.repeat(numberBelow(random, 20_000))),
    () => Buffer.from(JSON.stringify(anyJson(random, 5))),
  ])();
}

function anyJson(random: Random, depth: number): unknown {
  return random.pick([
    () => null,
    () => random.next() < 0.5,
    () => random.pick([0, -1, 1e308, Number.MAX_SAFE_INTEGER, 0.1]),
    () => textOf(random, 100),
    () => (depth === 0 ? [] : Array.from({ length: numberBelow(random, 4) }, () => anyJson(random, depth - 1))),
    () => (depth === 0 ? {} : { [textOf(random, 8)]: anyJson(random, depth - 1), constructor: 1 }),
  ])();
}

/** Names with a meaning for RabbitMQ or this project. `CC` is not among them, because it makes copies. */
const NAMES = [
  'x-death',
  'x-first-death-queue',
  'x-delivery-count',
  'redrives',
  'removed-headers',
  'traceparent',
  'sent-at',
];

function propertiesOf(random: Random, id: string): Buffer {
  const entries = Array.from({ length: numberBelow(random, 6) }, () => ({
    name: Buffer.from(random.next() < 0.5 ? random.pick(NAMES) : textOf(random, 12)),
    value: anyValue(random, 4),
  }));
  const properties: WireProperties = { messageId: textPart(id), deliveryMode: Buffer.of(2) };
  const some = <Part extends keyof WireProperties>(name: Part, part: () => Buffer): WireProperties =>
    random.next() < 0.3 ? { [name]: part() } : {};
  return writeProperties({
    ...properties,
    ...(entries.length > 0 && { headers: writeTable(entries) }),
    ...some('contentType', () => textPart(textOf(random, 40))),
    ...some('contentEncoding', () => textPart(random.pick(['gzip', 'utf-16', textOf(random, 10)]))),
    ...some('priority', () => Buffer.of(numberBelow(random, 256))),
    ...some('correlationId', () => textPart(textOf(random, 60))),
    ...some('replyTo', () => textPart(random.pick(['worker01_queue', 'amq.gen-nobody', textOf(random, 20)]))),
    ...some('timestamp', () => bytesOf(random, 8, 8)),
    ...some('type', () => textPart(textOf(random, 60))),
    ...some('appId', () => textPart(textOf(random, 60))),
  });
}

/** A value of any type that AMQP has. */
function anyValue(random: Random, depth: number): Buffer {
  const plain = (tag: string, length: number) => () =>
    Buffer.concat([Buffer.from(tag), bytesOf(random, length, length)]);
  return random.pick([
    plain('t', 1),
    plain('b', 1),
    plain('s', 2),
    plain('I', 4),
    plain('l', 8),
    () => floating(random, 'f', 4),
    () => floating(random, 'd', 8),
    plain('D', 5),
    plain('T', 8),
    plain('V', 0),
    () => sizedValue('S', bytesOf(random, 300)),
    () => sizedValue('x', bytesOf(random, 300)),
    () => (depth === 0 ? sizedValue('A') : sizedValue('A', anyValue(random, depth - 1), anyValue(random, depth - 1))),
    () => (depth === 0 ? sizedValue('F') : sizedValue('F', entryOf(random, depth), entryOf(random, depth))),
    () => deepList(numberBelow(random, 3_000)),
  ])();
}

/** A finite number, because RabbitMQ ends the connection of a client that sends any other. */
function floating(random: Random, tag: string, length: 4 | 8): Buffer {
  const value = Buffer.alloc(length);
  const number = (random.next() - 0.5) * 10 ** numberBelow(random, 30);
  if (length === 4) value.writeFloatBE(number);
  else value.writeDoubleBE(number);
  return Buffer.concat([Buffer.from(tag), value]);
}

function entryOf(random: Random, depth: number): Buffer {
  const name = Buffer.from(
    random.pick(['queue', 'reason', 'count', 'time', 'exchange', 'routing-keys', textOf(random, 8)]),
  );
  return Buffer.concat([Buffer.of(name.length), name, anyValue(random, depth - 1)]);
}

function deepList(levels: number): Buffer {
  let list = sizedValue('A');
  for (let level = 0; level < levels; level++) list = sizedValue('A', list);
  return list;
}

function bytesOf(random: Random, most: number, least = 0): Buffer {
  return Buffer.from(
    Array.from({ length: least + numberBelow(random, most - least + 1) }, () => numberBelow(random, 256)),
  );
}

/** At most `most` bytes in UTF-8. */
function textOf(random: Random, most: number): string {
  const signs = ['a', 'Z', '0', ' ', '.', '#', '"', '\\', '\n', '\u0000', '\u001b', '\u202e', 'é', '店', '<', '%'];
  return Array.from({ length: numberBelow(random, Math.floor(most / 3) + 1) }, () => random.pick(signs)).join('');
}

function numberBelow(random: Random, bound: number): number {
  return Math.floor(random.next() * bound);
}
