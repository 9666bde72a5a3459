import { expect, it } from 'vitest';
import {
  readProperties,
  readTable,
  sizedValue,
  type TableEntry,
  writeProperties,
  writeTable,
} from '../../../../lib/wire/properties.js';
import { MOST_NESTED, withoutUnreadable } from '../../../../lib/wire/unreadable-headers.js';

const entry = (name: string, value: Buffer): TableEntry => ({ name: Buffer.from(name), value });
const text = (value: string) => sizedValue('S', Buffer.from(value));

/** A list, or a table, in a list, or a table, and so on. */
function nested(levels: number, tag: 'A' | 'F' = 'A'): Buffer {
  const core = text('core');
  // Of each level the tag and the length of all within it; in a table a name of one letter comes first.
  const name = Buffer.from(tag === 'A' ? '' : '\u0001k');
  const perLevel = sizedValue(tag).length + name.length;
  const heads = Array.from({ length: levels }, (_, level) => {
    const head = Buffer.concat([sizedValue(tag), name]);
    head.writeUInt32BE((levels - level) * perLevel - sizedValue(tag).length + core.length, 1);
    return head;
  });
  return Buffer.concat([...heads, core]);
}

const wireOf = (...entries: TableEntry[]) =>
  writeProperties({ contentType: Buffer.from('\x04text'), headers: writeTable(entries), priority: Buffer.of(5) });

const ALL_KINDS = [
  'V',
  'b1',
  'B1',
  't1',
  's12',
  'u12',
  'I1234',
  'i1234',
  'f1234',
  'D12345',
  'l12345678',
  'd12345678',
  'T12345678',
];

it('leaves alone what can be read: every type, side by side and as deep as it may be', () => {
  const scalars = ALL_KINDS.map((value, index) => entry(`${index}`, Buffer.from(value)));
  const lists = Array.from({ length: 100 }, (_, index) => entry(`list ${index}`, nested(3)));
  expect(
    withoutUnreadable(
      wireOf(
        ...scalars,
        ...lists,
        entry('deep', nested(MOST_NESTED)),
        entry('empty', sizedValue('F', Buffer.alloc(0))),
      ),
    ),
  ).toBeUndefined();
  expect(withoutUnreadable(writeProperties({}))).toBeUndefined();
});

it.each(['A', 'F'] as const)('leaves out what is nested too deep as %s, names it, and keeps the rest', (tag) => {
  const found = withoutUnreadable(
    wireOf(entry('before', text('a')), entry('deep', nested(MOST_NESTED + 1, tag)), entry('after', text('b'))),
  );
  expect(found?.names).toEqual(['deep']);
  const { headers, contentType, priority } = readProperties(found?.wire ?? Buffer.alloc(0));
  expect(readTable(headers ?? Buffer.alloc(0)).map(({ name }) => `${name}`)).toEqual(['before', 'after']);
  expect([contentType?.subarray(1).toString(), priority?.readUInt8(0)]).toEqual(['text', 5]);
});

it('holds at any depth, and where it lies in a list beside others', () => {
  const beside = sizedValue('A', Buffer.concat([text('a'), nested(20_000), text('b')]));
  expect(withoutUnreadable(wireOf(entry('beside', beside), entry('deepest', nested(20_000, 'F'))))?.names).toEqual([
    'beside',
    'deepest',
  ]);
});

it('leaves out a type that nobody knows', () => {
  const odd = sizedValue('A', Buffer.from('?1'));
  expect(withoutUnreadable(wireOf(entry('odd', odd), entry('fine', text('a'))))?.names).toEqual(['odd']);
});

it.each([8, 11, 400])('leaves out all of a table in which a list says that it has %i bytes of its 12', (bytes) => {
  const lying = sizedValue('A', Buffer.concat([text('a'), text('b')]));
  lying.writeUInt32BE(bytes, 1);
  const found = withoutUnreadable(wireOf(entry('lying', lying)));
  expect(readTable(readProperties(found?.wire ?? Buffer.alloc(0)).headers ?? Buffer.alloc(0))).toEqual([]);
});
