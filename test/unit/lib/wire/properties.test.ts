import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  headersOf,
  integerEntry,
  type PartName,
  readArray,
  readProperties,
  readTable,
  TABLE_LENGTH,
  textPart,
  type WireProperties,
  writeProperties,
  writeTable,
} from '../../../../lib/wire/properties.js';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const counted = (size: 1 | 4) =>
  fc.uint8Array({ maxLength: 40 }).map((array) => {
    const length = Buffer.alloc(size);
    length.writeUIntBE(array.length, 0, size);
    return Buffer.concat([length, array]);
  });
const tagged = (tag: string, value: fc.Arbitrary<Buffer>) => value.map((one) => Buffer.concat([Buffer.from(tag), one]));

/** Values of every type, of any bytes. */
const { value } = fc.letrec<{ value: Buffer }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    ...Object.entries({ V: 0, b: 1, B: 1, t: 1, s: 2, u: 2, I: 4, i: 4, f: 4, D: 5, l: 8, d: 8, T: 8 }).map(
      ([tag, length]) => tagged(tag, bytes(length)),
    ),
    tagged('S', counted(4)),
    tagged('x', counted(4)),
    tagged('F', fc.array(entryOf(tie('value')), { maxLength: 3 }).map(writeTable)),
    tagged('A', fc.array(tie('value'), { maxLength: 3 }).map(arrayOf)),
  ),
}));
const table = fc.array(entryOf(value), { maxLength: 5 });

function entryOf(anyValue: fc.Arbitrary<Buffer>) {
  return fc.record({ name: fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array)), value: anyValue });
}

function arrayOf(values: readonly Buffer[]): Buffer {
  const content = Buffer.concat(values);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

const TEXTS = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'expiration',
  'messageId',
  'type',
  'userId',
  'appId',
  'clusterId',
] as const;
const properties = fc.record<Record<PartName, Buffer>, never>(
  {
    ...(Object.fromEntries(TEXTS.map((name) => [name, counted(1)])) as Record<
      (typeof TEXTS)[number],
      fc.Arbitrary<Buffer>
    >),
    headers: table.map(writeTable),
    deliveryMode: bytes(1),
    priority: bytes(1),
    timestamp: bytes(8),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<WireProperties>;

describe('properties on the wire', () => {
  it('are taken apart and put together again, byte for byte', () => {
    fc.assert(
      fc.property(properties, (given) => {
        const wire = writeProperties(given);
        expect(readProperties(wire)).toEqual(given);
        expect(writeProperties(readProperties(wire))).toEqual(wire);
        expect(headersOf(wire)).toEqual((given.headers?.length ?? 0) > TABLE_LENGTH ? given.headers : undefined);
      }),
    );
  });

  it('hold tables and arrays of values of every type', () => {
    fc.assert(
      fc.property(table, fc.array(value, { maxLength: 5 }), (entries, values) => {
        expect(readTable(writeTable(entries))).toEqual(entries);
        expect(readArray(arrayOf(values))).toEqual(values);
      }),
    );
  });

  it('are what RabbitMQ and its clients send', () => {
    const wire = writeProperties({
      contentType: textPart('a/b'),
      headers: writeTable([integerEntry('n', -2)]),
      deliveryMode: Buffer.of(2),
    });
    expect(wire.toString('latin1')).toBe('\xb0\x00\x03a/b\x00\x00\x00\x0b\x01nl\xff\xff\xff\xff\xff\xff\xff\xfe\x02');
  });
});
