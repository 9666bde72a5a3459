/**
 * The properties of an AMQP 0-9-1 message, byte by byte: two bytes of flags, then the values of those that are set. A copy made
 * of these bytes is exact, whatever JavaScript makes of a 64-bit integer, a float or a text that is not UTF-8. Formats:
 * https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf (4.2.5, 4.2.6) and, for the tags of values,
 * https://www.rabbitmq.com/amqp-0-9-1-errata#section_3
 */

/** In the order of the flags, from the highest bit. */
const PARTS = [
  ['contentType', 'text'],
  ['contentEncoding', 'text'],
  ['headers', 'table'],
  ['deliveryMode', 1],
  ['priority', 1],
  ['correlationId', 'text'],
  ['replyTo', 'text'],
  ['expiration', 'text'],
  ['messageId', 'text'],
  ['timestamp', 8],
  ['type', 'text'],
  ['userId', 'text'],
  ['appId', 'text'],
  ['clusterId', 'text'],
] as const;

export type PartName = (typeof PARTS)[number][0];

/** The values that are set, each including its length if it has one. */
export type WireProperties = Partial<Record<PartName, Buffer>>;

const HIGHEST_FLAG = 0x8000;
const TEXT_LENGTH = 1;
export const MOST_TEXT_BYTES = 255;
/** The bytes of a table's or an array's length. */
export const TABLE_LENGTH = 4;

/** Splits properties into their values. */
export function readProperties(wire: Buffer): WireProperties {
  const flags = wire.readUInt16BE(0);
  const found: WireProperties = {};
  let offset = 2;
  for (const [index, [name, kind]] of PARTS.entries()) {
    if ((flags & (HIGHEST_FLAG >> index)) === 0) continue;
    const length =
      kind === 'text'
        ? TEXT_LENGTH + wire.readUInt8(offset)
        : kind === 'table'
          ? TABLE_LENGTH + wire.readUInt32BE(offset)
          : kind;
    found[name] = wire.subarray(offset, offset + length);
    offset += length;
  }
  return found;
}

const [CONTENT_TYPE, CONTENT_ENCODING, HEADERS] = [HIGHEST_FLAG, HIGHEST_FLAG >> 1, HIGHEST_FLAG >> 2] as const;

/** Only the table of headers, including its length; runs for every message. Undefined if there is none, or an empty one. */
export function headersOf(wire: Buffer): Buffer | undefined {
  const flags = wire.readUInt16BE(0);
  if ((flags & HEADERS) === 0) return undefined;
  let offset = 2;
  if ((flags & CONTENT_TYPE) !== 0) offset += TEXT_LENGTH + wire.readUInt8(offset);
  if ((flags & CONTENT_ENCODING) !== 0) offset += TEXT_LENGTH + wire.readUInt8(offset);
  const length = wire.readUInt32BE(offset);
  return length === 0 ? undefined : wire.subarray(offset, offset + TABLE_LENGTH + length);
}

/** Joins the values into properties again. */
export function writeProperties(properties: WireProperties): Buffer {
  const flags = Buffer.alloc(2);
  const values: Buffer[] = [flags];
  let set = 0;
  for (const [index, [name]] of PARTS.entries()) {
    const value = properties[name];
    if (value === undefined) continue;
    set |= HIGHEST_FLAG >> index;
    values.push(value);
  }
  flags.writeUInt16BE(set);
  return Buffer.concat(values);
}

/** A text preceded by its length in one byte, as in properties and methods. @throws RangeError for more than 255 bytes */
export function textPart(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > MOST_TEXT_BYTES)
    throw new RangeError(`a property has ${bytes.length} bytes, more than ${MOST_TEXT_BYTES}`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** One entry of a table; the value begins with the tag of its type. */
export interface TableEntry {
  readonly name: Buffer;
  readonly value: Buffer;
}

/** Splits a table into its entries, given with its length. */
export function readTable(table: Buffer): TableEntry[] {
  const entries: TableEntry[] = [];
  for (let offset = TABLE_LENGTH; offset < table.length; ) {
    const start = offset + TEXT_LENGTH;
    const end = start + table.readUInt8(offset);
    const length = valueLength(table, end);
    entries.push({ name: table.subarray(start, end), value: table.subarray(end, end + length) });
    offset = end + length;
  }
  return entries;
}

/** Splits an array into its values, given with its length. */
export function readArray(array: Buffer): Buffer[] {
  const values: Buffer[] = [];
  for (let offset = TABLE_LENGTH; offset < array.length; ) {
    const length = valueLength(array, offset);
    values.push(array.subarray(offset, offset + length));
    offset += length;
  }
  return values;
}

export function writeTable(entries: readonly TableEntry[]): Buffer {
  return withLength(...entries.flatMap(({ name, value }) => [Buffer.of(name.length), name, value]));
}

/** A value with a length of its own: a text `S`, bytes `x`, an array `A` or a table `F`. */
export function sizedValue(tag: 'S' | 'x' | 'A' | 'F', ...content: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(tag), withLength(...content)]);
}

function withLength(...content: Buffer[]): Buffer {
  const length = Buffer.alloc(TABLE_LENGTH);
  length.writeUInt32BE(content.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([length, ...content]);
}

/** An integer as a header: signed, 64 bits. */
export function integerEntry(name: string, integer: number): TableEntry {
  const value = Buffer.alloc(9);
  value.write('l');
  value.writeBigInt64BE(BigInt(integer), 1);
  return { name: Buffer.from(name), value };
}

/** The bytes after the tag; types that are missing here begin with a length of four bytes. */
const LENGTHS: Readonly<Record<string, number>> = {
  V: 0,
  b: 1,
  B: 1,
  t: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  f: 4,
  D: 5,
  l: 8,
  d: 8,
  T: 8,
};

/** For those that have a length of their own. */
const LENGTH_FIRST = 'SxAF';

export function isKnownTag(tag: number): boolean {
  const character = String.fromCharCode(tag);
  return character in LENGTHS || LENGTH_FIRST.includes(character);
}

/** The bytes of a value, including its tag. */
export function valueLength(buffer: Buffer, offset: number): number {
  const length = LENGTHS[String.fromCharCode(buffer.readUInt8(offset))];
  return 1 + (length ?? TABLE_LENGTH + buffer.readUInt32BE(offset + 1));
}
