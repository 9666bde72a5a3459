import {
  integerEntry,
  readArray,
  readProperties,
  readTable,
  sizedValue,
  type TableEntry,
  writeProperties,
  writeTable,
} from './properties.js';

/** A rejection on a queue. */
export interface Death {
  readonly queue: string;
  /** How the message came to that queue; empty for the default exchange. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Properties as RabbitMQ sets them when it dead-letters a rejected message: the death comes first in `x-death`, and an expiration
 * is kept there, so that the letter does not expire (https://www.rabbitmq.com/docs/dlx#effects).
 * @param wire without a forged `x-death`
 */
export function withDeath(wire: Buffer, { queue, exchange, routingKey, at }: Death): Buffer {
  const { headers, expiration, ...others } = readProperties(wire);
  const entries = headers === undefined ? [] : readTable(headers);
  const earlier = entries.find(({ name }) => name.toString() === 'x-death')?.value.subarray(1);
  const death = sizedTable([
    integerEntry('count', 1),
    entry('reason', text('rejected')),
    entry('queue', text(queue)),
    entry('time', timestamp(at)),
    entry('exchange', text(exchange)),
    entry('routing-keys', sizedValue('A', text(routingKey))),
    ...(expiration === undefined ? [] : [entry('original-expiration', text(expiration.subarray(1)))]),
  ]);
  const first = [
    entry('x-first-death-reason', text('rejected')),
    entry('x-first-death-queue', text(queue)),
    entry('x-first-death-exchange', text(exchange)),
  ];
  const written = [
    ...entries.filter(({ name }) => name.toString() !== 'x-death'),
    entry('x-death', sizedValue('A', death, ...(earlier === undefined ? [] : readArray(earlier)))),
    ...(earlier === undefined ? first.filter(({ name }) => !entries.some((other) => other.name.equals(name))) : []),
  ];
  return writeProperties({ ...others, headers: writeTable(written) });
}

function entry(name: string, value: Buffer): TableEntry {
  return { name: Buffer.from(name), value };
}

function text(value: string | Buffer): Buffer {
  return sizedValue('S', Buffer.from(value));
}

function timestamp(ms: number): Buffer {
  const value = Buffer.alloc(9);
  value.write('T');
  value.writeBigUInt64BE(BigInt(Math.floor(ms / 1000)), 1);
  return value;
}

function sizedTable(entries: readonly TableEntry[]): Buffer {
  return Buffer.concat([Buffer.from('F'), writeTable(entries)]);
}
