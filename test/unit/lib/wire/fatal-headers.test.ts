import { expect, it } from 'vitest';
import { REMOVED_HEADERS, withoutFatal } from '../../../../lib/wire/fatal-headers.js';
import {
  readProperties,
  readTable,
  sizedValue,
  type TableEntry,
  writeProperties,
  writeTable,
} from '../../../../lib/wire/properties.js';

const PLENTY = 100_000;

const entry = (name: string, value: Buffer): TableEntry => ({ name: Buffer.from(name), value });
const wireOf = (...entries: TableEntry[]) => writeProperties({ headers: writeTable(entries), priority: Buffer.of(5) });
const table = (...entries: TableEntry[]) => Buffer.concat([Buffer.from('F'), writeTable(entries)]);

const text = (value: string) => sizedValue('S', Buffer.from(value));

/** As RabbitMQ 3.10.8 writes it. */
const DEATH = [
  entry('count', Buffer.from('l\0\0\0\0\0\0\0\x01')),
  entry('reason', text('rejected')),
  entry('queue', text('orders')),
  entry('time', Buffer.from('T\0\0\0\0\0\0\0\x01')),
  entry('exchange', text('')),
  entry('routing-keys', sizedValue('A', text('orders'))),
];
const DECIMAL = Buffer.from('D\x01\0\0\0\x05');

it('leaves alone what RabbitMQ wrote, and every other header', () => {
  const expired = [...DEATH, entry('original-expiration', text('5'))];
  const history = sizedValue('A', table(...DEATH), table(...expired));
  expect(withoutFatal(wireOf(entry('x-death', history), entry('d', text('1.5'))), PLENTY)).toBeUndefined();
  expect(withoutFatal(wireOf(entry('x-death', sizedValue('A'))), PLENTY)).toBeUndefined();
  expect(withoutFatal(writeProperties({}), PLENTY)).toBeUndefined();
});

it.each<[string, Buffer]>([
  ['is no list', text('x')],
  ['holds something else', sizedValue('A', table(...DEATH), text('x'))],
  ['has a key that RabbitMQ does not write', sizedValue('A', table(...DEATH, entry('more', text('x'))))],
  ['has a key twice', sizedValue('A', table(...DEATH, entry('queue', text('orders'))))],
  ['has a value of another type', sizedValue('A', table(entry('count', text('1'))))],
])('takes out an x-death that %s, and keeps it as bytes', (_, value) => {
  const found = withoutFatal(wireOf(entry('a', text('1')), entry('x-death', value), entry('d', DECIMAL)), PLENTY);
  expect(found?.names).toEqual(['x-death', 'd']);
  const { headers, priority } = readProperties(found?.wire ?? Buffer.alloc(0));
  expect(priority).toEqual(Buffer.of(5));
  const entries = readTable(headers ?? Buffer.alloc(0));
  expect(entries.map(({ name }) => `${name}`)).toEqual(['a', REMOVED_HEADERS]);
  const removed = readTable((entries[1]?.value ?? Buffer.alloc(0)).subarray(1));
  expect(removed).toEqual([entry('x-death', sizedValue('x', value)), entry('d', sizedValue('x', DECIMAL))]);
});

it('replaces what says that it was removed before, and keeps nothing where it would not fit', () => {
  const wire = wireOf(entry(REMOVED_HEADERS, text('forged')), entry('d', DECIMAL));
  const names = (most: number) => {
    const { headers } = readProperties(withoutFatal(wire, most)?.wire ?? Buffer.alloc(0));
    return readTable(headers ?? Buffer.alloc(0)).map(
      ({ name, value }) => `${name} ${String.fromCharCode(value[0] ?? 0)}`,
    );
  };
  expect(names(PLENTY)).toEqual([`${REMOVED_HEADERS} F`]);
  expect(names(20)).toEqual([]);
});
