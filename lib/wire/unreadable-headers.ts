import {
  headersOf,
  isKnownTag,
  readProperties,
  readTable,
  TABLE_LENGTH,
  type TableEntry,
  valueLength,
  writeProperties,
  writeTable,
} from './properties.js';

/**
 * The maximum nesting of headers. RabbitMQ's own are nested three deep (`x-death`), and it passes on any depth: a list of 5,000
 * levels takes 25 kB. amqplib decodes recursively, and its connection ends with a stack overflow (2.3.1, at 5,000 levels).
 */
export const MOST_NESTED = 512;

const TABLE = 'F'.charCodeAt(0);
const ARRAY = 'A'.charCodeAt(0);
/** The tag and length of a table or an array. */
const CONTAINER_HEAD = 5;

/** Properties without the headers that no decoder should be given, and their names; undefined if all can be read. */
export function withoutUnreadable(wire: Buffer): { readonly wire: Buffer; readonly names: string[] } | undefined {
  const headers = headersOf(wire);
  // Nearly always all of them can be read, so they are checked in place first.
  if (headers === undefined || canRead(headers, TABLE_LENGTH, true)) return undefined;
  const { headers: _, ...others } = readProperties(wire);
  const entries = wellFormed(headers);
  const readable = entries.filter(({ value }) => canRead(value, 0, false));
  return {
    wire: writeProperties({ ...others, headers: writeTable(readable) }),
    names: entries.filter((entry) => !readable.includes(entry)).map(({ name }) => name.toString()),
  };
}

/** The entries of a table; none if its lengths are wrong, which RabbitMQ lets no one send. */
function wellFormed(table: Buffer): TableEntry[] {
  try {
    const entries = readTable(table);
    return writeTable(entries).equals(table) ? entries : [];
  } catch {
    return [];
  }
}

/** Whether all values from `start` on are of known types, not nested too deeply, and as long as they say. */
function canRead(buffer: Buffer, start: number, inTable: boolean): boolean {
  try {
    return walk(buffer, start, inTable);
  } catch (error) {
    // It claims to be longer than it is.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Without recursion, because the sender chooses the depth, but the call stack is ours. @throws RangeError past the end */
function walk(buffer: Buffer, start: number, inTable: boolean): boolean {
  const ends = [buffer.length];
  const named = [inTable];
  let offset = start;
  while (offset < buffer.length) {
    while (offset === ends.at(-1)) {
      ends.pop();
      named.pop();
    }
    if (named.at(-1)) offset += 1 + buffer.readUInt8(offset);
    const tag = buffer.readUInt8(offset);
    if (tag === TABLE || tag === ARRAY) {
      if (ends.length > MOST_NESTED) return false;
      ends.push(offset + CONTAINER_HEAD + buffer.readUInt32BE(offset + 1));
      named.push(tag === TABLE);
      offset += CONTAINER_HEAD;
    } else {
      if (!isKnownTag(tag)) return false;
      offset += valueLength(buffer, offset);
    }
  }
  return ends.every((end) => end === offset);
}
