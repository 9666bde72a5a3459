import { readArray, readTable } from '../../wire/properties.js';
import type { RmqHeaderValue } from './rmq-event.js';
import { formatTimestamp } from './timestamp-text.js';

/** Deeper header tables are replaced by `null`: the sender chooses the nesting, but the call stack is ours. */
export const MAX_HEADER_DEPTH = 32;

/** A table on the wire, including its length, as AWS shows it: the Java client decodes it and writes it as JSON. */
export function buildWireTable(table: Buffer, depth: number): Record<string, RmqHeaderValue> {
  return Object.fromEntries(readTable(table).map(({ name, value }) => [name.toString(), buildWireValue(value, depth)]));
}

function buildWireValue(value: Buffer, depth: number): RmqHeaderValue {
  switch (String.fromCharCode(value.readUInt8(0))) {
    case 't':
      return value.readUInt8(1) !== 0;
    case 'b':
      return value.readInt8(1);
    case 'B':
      return value.readUInt8(1);
    case 's':
      return value.readInt16BE(1);
    case 'u':
      return value.readUInt16BE(1);
    case 'I':
      return value.readInt32BE(1);
    case 'i':
      return value.readUInt32BE(1);
    case 'l':
      return Number(value.readBigInt64BE(1));
    case 'f':
      return shortest(value.readFloatBE(1));
    case 'd':
      return value.readDoubleBE(1);
    case 'D':
      return value.readInt32BE(2) / 10 ** value.readUInt8(1);
    case 'T':
      return formatTimestamp(Number(value.readBigUInt64BE(1)));
    case 'S':
      return { bytes: signedBytes(value.subarray(5)) };
    case 'x':
      return signedBytes(value.subarray(5));
    case 'A':
      return depth > MAX_HEADER_DEPTH
        ? null
        : readArray(value.subarray(1)).map((one) => buildWireValue(one, depth + 1));
    case 'F':
      return depth > MAX_HEADER_DEPTH ? null : buildWireTable(value.subarray(1), depth + 1);
    default:
      return null;
  }
}

/** The number of digits that distinguish a 32-bit float from every other one. */
const FLOAT_DIGITS = 9;

/** As Java writes a float: 1.1 rather than 1.100000023841858, its value as a double. */
function shortest(float: number): number {
  for (let digits = 1; digits < FLOAT_DIGITS; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return float;
}

/** Signed bytes as in Java: 0xC3 is -61. */
export function signedBytes(buffer: Buffer): number[] {
  return Array.from(new Int8Array(buffer.buffer, buffer.byteOffset, buffer.length));
}
