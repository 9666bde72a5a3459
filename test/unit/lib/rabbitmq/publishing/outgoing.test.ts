import { describe, expect, it } from 'vitest';
import { encodeOutgoing, UnsendableMessageError } from '../../../../../lib/rabbitmq/publishing/outgoing.js';

const BILL = { exchange: '', routingKey: 'bills', body: { price: 1 }, messageId: 'b', type: 'bill', mustRoute: true };
const DEFAULTS = { appId: 'worker', timestamp: 1 };

const cycle: { self?: unknown } = {};
cycle.self = cycle;
let deep: unknown[] = [];
for (let depth = 0; depth < 50_000; depth++) deep = [deep];

describe('an outgoing message', () => {
  it('is persistent JSON with its identity and its sender', () => {
    expect(encodeOutgoing([{ ...BILL, headers: { n: 1, t: 'x', b: true } }], DEFAULTS)).toEqual([
      {
        exchange: '',
        routingKey: 'bills',
        messageId: 'b',
        mustRoute: true,
        content: Buffer.from('{"price":1}'),
        properties: {
          persistent: true,
          contentType: 'application/json',
          type: 'bill',
          appId: 'worker',
          timestamp: 1,
          headers: { n: 1, t: 'x', b: true },
        },
      },
    ]);
  });

  it('shares its properties with others of its type', () => {
    const [one, other, strange] = encodeOutgoing([BILL, { ...BILL, messageId: 'c' }, { ...BILL, type: 'x' }], DEFAULTS);
    expect(one?.properties).toBe(other?.properties);
    expect(one?.properties).toEqual(expect.objectContaining({ type: 'bill', appId: 'worker' }));
    expect(one?.properties).not.toHaveProperty('headers');
    expect(strange?.properties).toMatchObject({ type: 'x', appId: 'worker' });
  });

  it('has the headers of all, shared too, but where it has one of that name itself', () => {
    const headers = { sent: 7, from: 'sensor' };
    const [one, other, own] = encodeOutgoing([BILL, BILL, { ...BILL, headers: { sent: 8 } }], { ...DEFAULTS, headers });
    expect(one?.properties.headers).toEqual(headers);
    expect(one?.properties).toBe(other?.properties);
    expect(own?.properties.headers).toEqual({ sent: 8, from: 'sensor' });
  });

  it.each([
    ['a routing key of 256 bytes', { routingKey: 'é'.repeat(128) }],
    ['no id', { messageId: '' }],
    ['an undefined body', { body: undefined }],
    ['a cycle', { body: cycle }],
    ['a bigint', { body: 1n }],
    ['a body deeper than the stack', { body: deep }],
    ['a header that is an object', { headers: { x: {} as never } }],
    ['a header that is not finite', { headers: { x: Number.NaN } }],
    ['headers of 33 KB', { headers: { x: 'x'.repeat(33 * 1024) } }],
    ['a header name of 256 bytes', { headers: { ['x'.repeat(256)]: 1 } }],
  ])('with %s is refused before anything is written', (_, change) => {
    expect(() => encodeOutgoing([{ ...BILL, ...change }], DEFAULTS)).toThrow(UnsendableMessageError);
  });

  it('may have a routing key of 255 bytes', () => {
    expect(encodeOutgoing([{ ...BILL, routingKey: 'x'.repeat(255) }], DEFAULTS)[0]?.routingKey).toHaveLength(255);
  });
});
