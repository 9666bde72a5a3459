import {
  readArray,
  readProperties,
  readTable,
  sizedValue,
  type TableEntry,
  writeProperties,
  writeTable,
} from './properties.js';

/** The removed headers, by name, each value as it was on the wire, with its tag. */
export const REMOVED_HEADERS = 'removed-headers';

/** The fields that RabbitMQ itself writes into an entry of `x-death` (3.10 to 4.1), and the tags of their types. */
const DEATH: Readonly<Record<string, string>> = {
  count: 'lIsbBui',
  reason: 'S',
  queue: 'S',
  time: 'T',
  exchange: 'S',
  'routing-keys': 'A',
  'original-expiration': 'S',
};

/**
 * Properties without the headers that RabbitMQ cannot dead-letter, and their names; undefined if there are none. RabbitMQ 3.10.8
 * was tried with every type: its at-least-once dead-lettering crashes on an `x-death` with an entry that is not a table, or whose
 * `count` is not a number, and on a decimal if a stream is bound to the exchange. It crashes until its supervisor gives up, and
 * then no queue of the node is dead-lettered any more, not even after a restart.
 * @param mostBytes the limit for properties; removed headers are kept as far as they fit
 */
export function withoutFatal(
  wire: Buffer,
  mostBytes: number,
): { readonly wire: Buffer; readonly names: string[] } | undefined {
  const { headers, ...others } = readProperties(wire);
  if (headers === undefined) return undefined;
  const entries = readTable(headers);
  const fatal = entries.filter(isFatal);
  if (fatal.length === 0) return undefined;
  const kept = entries.filter((entry) => !fatal.includes(entry) && entry.name.toString() !== REMOVED_HEADERS);
  const removed: TableEntry = { name: Buffer.from(REMOVED_HEADERS), value: tableOf(fatal) };
  const clean = writeProperties({ ...others, headers: writeTable([...kept, removed]) });
  return {
    wire: clean.length <= mostBytes ? clean : writeProperties({ ...others, headers: writeTable(kept) }),
    names: fatal.map(({ name }) => name.toString()),
  };
}

function isFatal({ name, value }: TableEntry): boolean {
  return tagOf(value) === 'D' || (name.toString() === 'x-death' && !isHistory(value));
}

/** Whether RabbitMQ may have written it: a list of deaths. */
function isHistory(value: Buffer): boolean {
  return tagOf(value) === 'A' && readArray(value.subarray(1)).every(isDeath);
}

function isDeath(value: Buffer): boolean {
  if (tagOf(value) !== 'F') return false;
  const entries = readTable(value.subarray(1));
  const names = new Set(entries.map(({ name }) => name.toString()));
  return (
    names.size === entries.length &&
    entries.every((entry) => DEATH[entry.name.toString()]?.includes(tagOf(entry.value)))
  );
}

function tagOf(value: Buffer): string {
  return String.fromCharCode(value.readUInt8(0));
}

/** A table of byte strings, with its tag. */
function tableOf(entries: readonly TableEntry[]): Buffer {
  const asBytes = entries.map(({ name, value }) => ({ name, value: sizedValue('x', value) }));
  return Buffer.concat([Buffer.from('F'), writeTable(asBytes)]);
}
