import { describe, expect, it } from 'vitest';
import { redrivenProperties } from '../../../../../lib/rabbitmq/dead-letters/redriven-properties.js';
import {
  integerEntry,
  readProperties,
  readTable,
  type TableEntry,
  textPart,
  writeProperties,
  writeTable,
} from '../../../../../lib/wire/properties.js';

const entry = (name: string | Buffer, value: string): TableEntry => ({
  name: Buffer.from(name),
  value: Buffer.from(value, 'latin1'),
});

/** A text that is not UTF-8, an integer beyond 2^53, a float, a decimal, and a name that is not text. */
const ODD = [
  entry('text', 'S\x00\x00\x00\x02\xff\xfe'),
  entry('integer', 'l\x00\x20\x00\x00\x00\x00\x00\x01'),
  entry('float', 'f\x3f\x8c\xcc\xcd'),
  entry('decimal', 'D\x01\xff\xff\xff\xf1'),
  entry(Buffer.of(0xff), 'V'),
  entry('my-x-death', 't\x01'),
  entry('x-death-rattle', 't\x01'),
];
const BROKERS = [
  'x-death',
  'x-first-death-queue',
  'x-last-death-queue',
  'x-delivery-count',
  'x-acquired-count',
  'CC',
  'BCC',
];

const SENT = {
  contentType: textPart('text/plain'),
  deliveryMode: Buffer.of(1),
  timestamp: Buffer.alloc(8, 1),
  messageId: textPart('m-1'),
  clusterId: textPart('cluster'),
};

function redriven(sent: Parameters<typeof writeProperties>[0]) {
  const { headers, ...others } = readProperties(redrivenProperties(writeProperties(sent), 2, 'redrive-1'));
  return { ...others, headers: readTable(headers ?? Buffer.alloc(4)) };
}

describe('the properties of a message that is sent back', () => {
  it('are byte for byte what they were, but for the headers of the broker and the count', () => {
    const before = [...BROKERS.map((name) => entry(name, 'V')), ...ODD, entry('redrives', 'b\x01')];
    expect(redriven({ ...SENT, headers: writeTable(before) })).toEqual({
      ...SENT,
      headers: [...ODD, integerEntry('redrives', 2)],
    });
  });

  it('have no sender whom only he himself may name, and no time that is over', () => {
    const sent = { ...SENT, userId: textPart('guest'), expiration: textPart('1000') };
    expect(redriven(sent)).toEqual({ ...SENT, headers: [integerEntry('redrives', 2)] });
  });

  it.each([[{}], [{ messageId: textPart('') }]])('have an id where there was none: %j', (none) => {
    const { messageId: _, ...withoutId } = SENT;
    expect(redriven({ ...withoutId, ...none }).messageId).toEqual(textPart('redrive-1'));
  });
});
