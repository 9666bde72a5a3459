import { expect, it } from 'vitest';
import { withDeath } from '../../../../lib/wire/death-entry.js';
import {
  integerEntry,
  readArray,
  readProperties,
  readTable,
  sizedValue,
  textPart,
  writeProperties,
  writeTable,
} from '../../../../lib/wire/properties.js';

const DEATH = { queue: 'orders', exchange: 'shop', routingKey: 'AX', at: 1_800_000_000_999 };

function headersOf(wire: Buffer): ReadonlyMap<string, Buffer> {
  const { headers = Buffer.alloc(4) } = readProperties(wire);
  return new Map(readTable(headers).map(({ name, value }) => [name.toString(), value]));
}

const deathsOf = (wire: Buffer) => readArray(headersOf(wire).get('x-death')?.subarray(1) ?? Buffer.alloc(4));
const fieldOf = (death: Buffer | undefined, name: string) =>
  readTable(death?.subarray(1) ?? Buffer.alloc(4)).find((entry) => entry.name.toString() === name)?.value;

it('an expiration is moved into the death, so that the letter stays', () => {
  const wire = withDeath(writeProperties({ messageId: textPart('id'), expiration: textPart('60000') }), DEATH);
  expect(readProperties(wire)).toMatchObject({ messageId: textPart('id') });
  expect(readProperties(wire).expiration).toBeUndefined();
  expect(fieldOf(deathsOf(wire)[0], 'original-expiration')).toEqual(sizedValue('S', Buffer.from('60000')));
  expect(fieldOf(deathsOf(wire)[0], 'time')?.readBigUInt64BE(1)).toBe(1_800_000_000n);
});

it('earlier deaths come behind it, and the first one stays the first', () => {
  const once = withDeath(writeProperties({ headers: writeTable([integerEntry('mine', 1)]) }), DEATH);
  const twice = withDeath(once, { ...DEATH, queue: 'later' });
  expect(deathsOf(twice).map((death) => fieldOf(death, 'queue')?.subarray(5).toString())).toEqual(['later', 'orders']);
  expect([...headersOf(twice).keys()]).toEqual([
    'mine',
    'x-first-death-reason',
    'x-first-death-queue',
    'x-first-death-exchange',
    'x-death',
  ]);
  expect(headersOf(twice).get('x-first-death-queue')?.subarray(5).toString()).toBe('orders');
});
