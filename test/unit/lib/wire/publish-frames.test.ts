import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeProperties, type PlainProperties } from '../../../../lib/wire/encode-properties.js';
import { PublishFrames } from '../../../../lib/wire/publish-frames.js';

/** amqplib's own encoder, which it does not export. */
const require = createRequire(import.meta.url);
const inside = (file: string) => require(join(dirname(require.resolve('amqplib')), 'lib', file));
const {
  defs,
  encodeMethod,
  encodeProperties: encodeHeader,
} = (() => {
  const all = inside('defs.js');
  return { defs: all, encodeMethod: all.encodeMethod, encodeProperties: all.encodeProperties };
})();
const Args = inside('api_args.js');
const BODY = 3;

interface Sent {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
  readonly messageId: string | undefined;
  readonly properties: PlainProperties;
  readonly content: Buffer;
}

function byAmqplib(channel: number, frameMax: number, sent: Sent): Buffer {
  const { exchange, routingKey, content, mandatory, messageId, properties } = sent;
  const fields = Args.publish(exchange, routingKey, { ...properties, messageId, mandatory });
  const frames = [
    encodeMethod(defs.BasicPublish, channel, fields),
    encodeHeader(defs.BasicProperties, channel, content.length, fields),
  ];
  for (let from = 0; from < content.length; from += frameMax - 8) {
    const part = content.subarray(from, from + frameMax - 8);
    const head = Buffer.of(BODY, 0, 0, 0, 0, 0, 0);
    head.writeUInt16BE(channel, 1);
    head.writeUInt32BE(part.length, 3);
    frames.push(head, part, Buffer.of(0xce));
  }
  return Buffer.concat(frames);
}

function byUs(frames: PublishFrames, { messageId, properties, ...publication }: Sent): Buffer[] {
  const split = encodeProperties(properties, messageId !== undefined);
  if (split === undefined) throw new Error('left to amqplib');
  const before = frames.add(publication, messageId, split);
  return before === undefined ? [] : [before];
}

const short = fc.string({ unit: 'binary', maxLength: 80 }).filter((text) => Buffer.byteLength(text) <= 255);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const header = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.integer(),
  fc.maxSafeInteger(),
  // amqplib encodes everything beyond that as integers, and fails.
  fc.double({ noNaN: true }).filter((number) => Math.abs(number) < 2 ** 50 || number >= 2 ** 63),
  fc.constantFrom(127, 128, -128, -129, 32_767, 32_768, -32_768, -32_769, 2 ** 31, -(2 ** 31), 2 ** 50, 2 ** 63),
);
const sentMessage: fc.Arbitrary<Sent> = fc.record({
  exchange: short,
  routingKey: short,
  mandatory: fc.boolean(),
  messageId: optional(short),
  properties: fc.record({
    persistent: optional(fc.boolean()),
    contentType: optional(short),
    contentEncoding: optional(short),
    correlationId: optional(short),
    replyTo: optional(short),
    priority: optional(fc.nat(255)),
    expiration: optional(fc.nat().map(String)),
    type: optional(short),
    userId: optional(short),
    appId: optional(short),
    timestamp: optional(fc.nat()),
    headers: optional(fc.dictionary(short, header, { maxKeys: 5 })),
  }),
  content: fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
});

describe('frames of messages to publish', () => {
  it('are those of amqplib, byte for byte, in the order in which they were added', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 2_047 }), fc.constantFrom(1_000, 131_072), fc.array(sentMessage));
    fc.assert(
      fc.property(cases, ([channel, frameMax, messages]) => {
        const frames = new PublishFrames(channel, frameMax);
        const taken = messages.flatMap((sent) => byUs(frames, sent));
        taken.push(frames.take() ?? Buffer.alloc(0));
        const expected = Buffer.concat(messages.map((sent) => byAmqplib(channel, frameMax, sent)));
        expect(Buffer.concat(taken).equals(expected)).toBe(true);
      }),
    );
  });

  it('are not touched once they were taken, however much follows', () => {
    const frames = new PublishFrames(1, 131_072);
    const sent = (content: Buffer): Sent => ({
      exchange: '',
      routingKey: 'q',
      mandatory: true,
      messageId: undefined,
      properties: {},
      content,
    });
    const chunks: Buffer[] = [];
    const expected: Buffer[] = [];
    for (let index = 0; index < 300; index++) {
      const message = sent(Buffer.alloc(index * 10, index));
      chunks.push(...byUs(frames, message));
      if (index % 7 === 0) chunks.push(frames.take() as Buffer);
      expected.push(byAmqplib(1, 131_072, message));
    }
    chunks.push(frames.take() as Buffer);
    expect(frames.take()).toBeUndefined();
    expect(Buffer.concat(chunks).equals(Buffer.concat(expected))).toBe(true);
    // Gathered: that is what it is for.
    expect(chunks.length).toBeLessThan(100);
  });

  it('hold no text that AMQP has no room for', () => {
    const frames = new PublishFrames(1, 131_072);
    const long = 'ä'.repeat(128);
    const publication = { exchange: '', routingKey: '', mandatory: false, content: Buffer.alloc(0) };
    const properties = { before: Buffer.alloc(2), after: Buffer.alloc(0) };
    expect(() => frames.add({ ...publication, exchange: long }, 'id', properties)).toThrow('more than 255 bytes');
    expect(() => frames.add({ ...publication, routingKey: long }, 'id', properties)).toThrow('more than 255 bytes');
    expect(() => frames.add(publication, long, properties)).toThrow('more than 255 bytes');
    expect(frames.take()).toBeUndefined();
    expect(() => encodeProperties({ type: long }, true)).toThrow('more than 255');
    expect(() => encodeProperties({ headers: { [long]: 1 } }, true)).toThrow('more than 255');
    expect(() => encodeProperties({ headers: { long: 'x'.repeat(70_000) } }, true)).toThrow('headers have more than');
  });
});

it('headers that amqplib fails at are doubles', () => {
  for (const value of [2 ** 50 + 0.25, -(2 ** 50) - 0.25, -(2 ** 64), Number.NEGATIVE_INFINITY]) {
    const { before } = encodeProperties({ headers: { n: value } }, true) ?? {};
    // Flags, the length of the table, the name with its length, the tag.
    expect(before?.subarray(6, 9).toString()).toBe('\u0001nd');
    expect(before?.readDoubleBE(9)).toBe(value);
  }
});

it('headers with tables, lists and bytes are left to amqplib', () => {
  for (const value of [{}, [], null, Buffer.of(1)])
    expect(encodeProperties({ headers: { value } }, true)).toBeUndefined();
});
