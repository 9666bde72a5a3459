import type { StoreChange } from '../../state/store.js';
import type { EncodedMessage, EncodedProperties } from '../publishing/encoded-message.js';

/**
 * One message of a changelog stream. Each names its writer by the nonce of the writer's opening record: a writer that was
 * replaced without knowing it goes on writing under a nonce that no one reads any more.
 */
export type ChangelogRecord<Value> =
  | { readonly kind: 'opening'; readonly nonce: string }
  | {
      readonly kind: 'batch';
      readonly nonce: string;
      /** Identities of the messages that the batch handled. */
      readonly handled: readonly string[];
      readonly changes: readonly StoreChange<Value>[];
      readonly outgoing: readonly EncodedMessage[];
    }
  /** How many crashes each of these messages is blamed for if the process ends now. The kind keeps its old name on the wire. */
  | { readonly kind: 'deaths'; readonly nonce: string; readonly counts: readonly (readonly [string, number])[] }
  /** Everything that the previous records sent is confirmed. */
  | { readonly kind: 'confirmed'; readonly nonce: string }
  | { readonly kind: 'snapshot begin'; readonly nonce: string; readonly snapshot: string }
  | ({ readonly kind: 'snapshot part'; readonly nonce: string; readonly snapshot: string } & SnapshotPart<Value>)
  | { readonly kind: 'snapshot end'; readonly nonce: string; readonly snapshot: string; readonly parts: number };

export interface SnapshotPart<Value> {
  readonly index: number;
  readonly handled: readonly string[];
  readonly entries: readonly (readonly [string, Value])[];
}

const VERSION = 1;
/** Of a batch. The outgoing bodies follow the JSON, one per line; in version 1 they were texts inside it. */
const BATCH_VERSION = 2;

/** JSON in UTF-8, followed by the bodies of the batch's outgoing messages, byte for byte. Values must be JSON values. */
export function encodeRecord<Value>(record: ChangelogRecord<Value>): Buffer {
  if (record.kind !== 'batch') return Buffer.from(JSON.stringify({ v: VERSION, ...record }));
  const { kind, nonce, handled, outgoing } = record;
  const changes = record.changes.map(({ key, value }) => (value === undefined ? [key] : [key, value]));
  // Most messages of a batch have the same properties.
  const properties = new Map<EncodedProperties, number>();
  const sent = outgoing.map(({ exchange, routingKey, content, messageId, mustRoute, properties: own }) => {
    const index = properties.get(own) ?? properties.size;
    properties.set(own, index);
    return [exchange, routingKey, messageId, mustRoute, index, content.length];
  });
  const json = { v: BATCH_VERSION, kind, nonce, handled, changes, properties: [...properties.keys()], outgoing: sent };
  const lines: Buffer[] = [Buffer.from(JSON.stringify(json))];
  for (const { content } of outgoing) lines.push(LINE_END, content);
  return Buffer.concat(lines);
}

const LINE_END = Buffer.from('\n');

/** @throws TypeError if the bytes are not a record of this version or the previous one: corrupt, or someone else's message */
export function decodeRecord<Value>(content: Buffer): ChangelogRecord<Value> {
  const end = content.indexOf(LINE_END);
  const record = parseObject(end === -1 ? content : content.subarray(0, end));
  const bodies = end === -1 ? NO_BODIES : content.subarray(end);
  const decode = DECODERS[`${record['v']} ${record['kind']}`];
  if (decode === undefined) {
    const [version, kind] = [record['v'], record['kind']].map((value) => JSON.stringify(value));
    throw new TypeError(`kind ${kind} of version ${version} is unknown`);
  }
  text(record, 'nonce');
  return decode(record, bodies) as ChangelogRecord<Value>;
}

const NO_BODIES = Buffer.alloc(0);

type Fields = Readonly<Record<string, unknown>>;

const DECODERS: Readonly<Record<string, (record: Fields, bodies: Buffer) => object>> = Object.assign(
  Object.create(null),
  {
    '1 opening': (record: Fields) => record,
    '1 batch': (record: Fields) => ({
      ...record,
      handled: texts(record, 'handled'),
      changes: list(record, 'changes').map(asChange),
      outgoing: list(record, 'outgoing').map(asOutgoing),
    }),
    '2 batch': (record: Fields, bodies: Buffer) => ({
      kind: record['kind'],
      nonce: record['nonce'],
      handled: texts(record, 'handled'),
      changes: list(record, 'changes').map(asChange),
      outgoing: allOutgoing(list(record, 'outgoing'), list(record, 'properties'), bodies),
    }),
    '1 deaths': (record: Fields) => ({ ...record, counts: list(record, 'counts').map(asCount) }),
    '1 confirmed': (record: Fields) => record,
    '1 snapshot begin': (record: Fields) => ({ ...record, snapshot: text(record, 'snapshot') }),
    '1 snapshot part': (record: Fields) => ({
      ...record,
      snapshot: text(record, 'snapshot'),
      index: number(record, 'index'),
      handled: texts(record, 'handled'),
      entries: list(record, 'entries').map(asEntry),
    }),
    '1 snapshot end': (record: Fields) => ({
      ...record,
      snapshot: text(record, 'snapshot'),
      parts: number(record, 'parts'),
    }),
  },
);

function asChange(change: unknown): StoreChange<unknown> {
  if (!Array.isArray(change) || change.length > 2) throw new TypeError('a change must be [key] or [key, value]');
  return { key: asText(change[0]), value: change[1] };
}

function asEntry(entry: unknown): [string, unknown] {
  if (!Array.isArray(entry) || entry.length !== 2) throw new TypeError('an entry must be [key, value]');
  return [asText(entry[0]), entry[1]];
}

function asCount(count: unknown): [string, number] {
  const [identity, crashes] = asEntry(count);
  if (typeof crashes !== 'number') throw new TypeError('a count must be a number');
  return [identity, crashes];
}

function asOutgoing(message: unknown): object {
  if (!isObject(message) || !isObject(message['properties']) || typeof message['mustRoute'] !== 'boolean') {
    throw new TypeError('an outgoing message is incomplete');
  }
  for (const name of ['exchange', 'routingKey', 'messageId']) text(message, name);
  return { ...message, content: Buffer.from(text(message, 'content')) };
}

/** Each is [exchange, routing key, id, must route, index of its properties, number of bytes]. */
function allOutgoing(sent: readonly unknown[], properties: readonly unknown[], bodies: Buffer): object[] {
  let start = 0;
  const outgoing = sent.map((fields) => {
    if (!Array.isArray(fields)) throw new TypeError('an outgoing message must be a list');
    const [exchange, routingKey, messageId, mustRoute, index, bytes] = fields;
    const own = properties[index];
    if (!isObject(own) || typeof mustRoute !== 'boolean' || !Number.isSafeInteger(bytes) || bytes < 0) {
      throw new TypeError('an outgoing message is incomplete');
    }
    start += LINE_END.length;
    const content = bodies.subarray(start, start + bytes);
    start += bytes;
    for (const name of [exchange, routingKey, messageId]) asText(name);
    return { exchange, routingKey, messageId, mustRoute, content, properties: own };
  });
  if (start !== bodies.length) throw new TypeError('the bodies do not have the length they should have');
  return outgoing;
}

function parseObject(content: Buffer): Fields {
  const value: unknown = JSON.parse(content.toString('utf8'));
  if (!isObject(value)) throw new TypeError('not an object');
  return value;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(record: Fields, name: string): string {
  return asText(record[name]);
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${JSON.stringify(value)} must be a string`);
  return value;
}

function number(record: Fields, name: string): number {
  const value = record[name];
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number`);
  return value;
}

/** A million of them are read, so they are checked in place and not copied. */
function texts(record: Fields, name: string): string[] {
  const values = list(record, name);
  for (const value of values) asText(value);
  return values as string[];
}

function list(record: Fields, name: string): unknown[] {
  const value = record[name];
  if (!Array.isArray(value)) throw new TypeError(`${name} must be a list`);
  return value;
}
