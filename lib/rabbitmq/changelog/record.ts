import type { StoreChange } from '../../state/store.js';
import type { EncodedMessage } from '../publishing/publisher.js';

/**
 * One message of a changelog stream. Each names its writer by the nonce of the opening record that he began with:
 * a writer who has been replaced without knowing it goes on writing under a nonce that nobody reads any more.
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
  /** How many deaths each of these messages has to answer for, should the process end now. */
  | { readonly kind: 'deaths'; readonly nonce: string; readonly counts: readonly (readonly [string, number])[] }
  /** Whatever the records before it sent is confirmed. */
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

/** JSON, UTF-8. Values must be JSON values. */
export function encodeRecord<Value>(record: ChangelogRecord<Value>): Buffer {
  return Buffer.from(JSON.stringify({ v: VERSION, ...wireForm(record) }));
}

function wireForm<Value>(record: ChangelogRecord<Value>): object {
  if (record.kind !== 'batch') return record;
  return {
    ...record,
    changes: record.changes.map(({ key, value }) => (value === undefined ? [key] : [key, value])),
    outgoing: record.outgoing.map(({ exchange, routingKey, content, messageId, mustRoute, properties }) => ({
      exchange,
      routingKey,
      content: content.toString('utf8'),
      messageId,
      mustRoute,
      properties,
    })),
  };
}

/** @throws TypeError if the bytes are no record of this version: corrupt, or someone else's message. */
export function decodeRecord<Value>(content: Buffer): ChangelogRecord<Value> {
  const record = parseObject(content);
  if (record['v'] !== VERSION) throw new TypeError(`version ${JSON.stringify(record['v'])} is unknown`);
  const decode = DECODERS[String(record['kind'])];
  if (decode === undefined) throw new TypeError(`kind ${JSON.stringify(record['kind'])} is unknown`);
  text(record, 'nonce');
  return decode(record) as ChangelogRecord<Value>;
}

type Fields = Readonly<Record<string, unknown>>;

const DECODERS: Readonly<Record<string, (record: Fields) => object>> = Object.assign(Object.create(null), {
  opening: (record: Fields) => record,
  batch: (record: Fields) => ({
    ...record,
    handled: texts(record, 'handled'),
    changes: list(record, 'changes').map(asChange),
    outgoing: list(record, 'outgoing').map(asOutgoing),
  }),
  deaths: (record: Fields) => ({ ...record, counts: list(record, 'counts').map(asCount) }),
  confirmed: (record: Fields) => record,
  'snapshot begin': (record: Fields) => ({ ...record, snapshot: text(record, 'snapshot') }),
  'snapshot part': (record: Fields) => ({
    ...record,
    snapshot: text(record, 'snapshot'),
    index: number(record, 'index'),
    handled: texts(record, 'handled'),
    entries: list(record, 'entries').map(asEntry),
  }),
  'snapshot end': (record: Fields) => ({
    ...record,
    snapshot: text(record, 'snapshot'),
    parts: number(record, 'parts'),
  }),
});

function asChange(change: unknown): StoreChange<unknown> {
  if (!Array.isArray(change) || change.length > 2) throw new TypeError('a change is no [key] or [key, value]');
  return { key: asText(change[0]), value: change[1] };
}

function asEntry(entry: unknown): [string, unknown] {
  if (!Array.isArray(entry) || entry.length !== 2) throw new TypeError('an entry is no [key, value]');
  return [asText(entry[0]), entry[1]];
}

function asCount(count: unknown): [string, number] {
  const [identity, deaths] = asEntry(count);
  if (typeof deaths !== 'number') throw new TypeError('a count is no number');
  return [identity, deaths];
}

function asOutgoing(message: unknown): object {
  if (!isObject(message) || !isObject(message['properties']) || typeof message['mustRoute'] !== 'boolean') {
    throw new TypeError('an outgoing message is incomplete');
  }
  for (const name of ['exchange', 'routingKey', 'messageId']) text(message, name);
  return { ...message, content: Buffer.from(text(message, 'content')) };
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
  if (typeof value !== 'string') throw new TypeError(`${JSON.stringify(value)} is no string`);
  return value;
}

function number(record: Fields, name: string): number {
  const value = record[name];
  if (typeof value !== 'number') throw new TypeError(`${name} is no number`);
  return value;
}

/** A million of them are replayed: checked where they are, not copied. */
function texts(record: Fields, name: string): string[] {
  const values = list(record, name);
  for (const value of values) asText(value);
  return values as string[];
}

function list(record: Fields, name: string): unknown[] {
  const value = record[name];
  if (!Array.isArray(value)) throw new TypeError(`${name} is no list`);
  return value;
}
