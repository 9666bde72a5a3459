import { MOST_TEXT_BYTES } from './properties.js';

/** Properties of a message as JavaScript values; the id is passed separately. */
export interface PlainProperties {
  readonly persistent?: boolean | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly priority?: number | undefined;
  /** Milliseconds. */
  readonly expiration?: string | number | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly appId?: string | undefined;
  /** Seconds since 1970. */
  readonly timestamp?: number | undefined;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Properties on the wire in two parts, between which the id of a message goes: many messages differ in nothing else. */
export interface SplitProperties {
  readonly before: Buffer;
  readonly after: Buffer;
}

const [TRANSIENT, PERSISTENT] = [1, 2] as const;
/** More than headers may have. Encoding is synchronous, so everything shares it. */
const SCRATCH = Buffer.alloc(64 * 1024);
let end = 0;
/** The bytes of a character: less than this is left free if one was cut off. */
const LAST = 4;

/**
 * Encodes properties as amqplib (2.3) does, including an empty table of headers; undefined if headers contain anything other than
 * texts, numbers and booleans. Numbers at which amqplib fails, fractions beyond 2^50 and those below -2^63, are encoded as
 * doubles.
 * @throws RangeError for anything too long
 */
export function encodeProperties(properties: PlainProperties, hasId: boolean): SplitProperties | undefined {
  const { persistent, contentType, contentEncoding, correlationId, replyTo } = properties;
  const { priority, expiration, type, userId, appId, timestamp, headers } = properties;
  // The flags that are set, which come first; there are always headers.
  let flags = 0x2000;
  end = 2;
  if (contentType !== undefined) flags |= text(0x8000, contentType);
  if (contentEncoding !== undefined) flags |= text(0x4000, contentEncoding);
  if (!table(headers)) return undefined;
  if (persistent !== undefined) flags |= byte(0x1000, persistent ? PERSISTENT : TRANSIENT);
  if (priority !== undefined) flags |= byte(0x0800, priority);
  if (correlationId !== undefined) flags |= text(0x0400, correlationId);
  if (replyTo !== undefined) flags |= text(0x0200, replyTo);
  if (expiration !== undefined) flags |= text(0x0100, expiration.toString());
  const middle = end;
  if (hasId) flags |= 0x0080;
  if (timestamp !== undefined) flags |= seconds(0x0040, timestamp);
  if (type !== undefined) flags |= text(0x0020, type);
  if (userId !== undefined) flags |= text(0x0010, userId);
  if (appId !== undefined) flags |= text(0x0008, appId);
  SCRATCH.writeUInt16BE(flags);
  const all = Buffer.from(SCRATCH.subarray(0, end));
  return { before: all.subarray(0, middle), after: all.subarray(middle) };
}

function text(flag: number, value: string): number {
  const bytes = SCRATCH.write(value, end + 1);
  if (bytes > MOST_TEXT_BYTES) throw new RangeError(`a property has ${bytes} bytes, more than ${MOST_TEXT_BYTES}`);
  // A truncation would go unnoticed.
  if (end + 1 + bytes + LAST > SCRATCH.length)
    throw new RangeError(`properties have more than ${SCRATCH.length} bytes`);
  SCRATCH[end] = bytes;
  end += 1 + bytes;
  return flag;
}

function byte(flag: number, value: number): number {
  SCRATCH[end++] = value;
  return flag;
}

function seconds(flag: number, value: number): number {
  end = SCRATCH.writeBigUInt64BE(BigInt(value), end);
  return flag;
}

/** False if it contains something that only amqplib can encode. @throws RangeError */
function table(headers: PlainProperties['headers']): boolean {
  const start = end;
  end += 4;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    text(0, name);
    if (typeof value === 'string') longText(value);
    else if (typeof value === 'boolean') end = SCRATCH.writeUInt8(value ? 1 : 0, tag('t'));
    else if (typeof value === 'number') number(value);
    else return false;
  }
  SCRATCH.writeUInt32BE(end - start - 4, start);
  return true;
}

function longText(value: string): void {
  const start = tag('S');
  const bytes = Buffer.byteLength(value);
  if (start + 4 + bytes > SCRATCH.length) throw new RangeError(`headers have more than ${SCRATCH.length} bytes`);
  SCRATCH.writeUInt32BE(bytes, start);
  end = start + 4 + SCRATCH.write(value, start + 4);
}

/** Returns the position at which the value begins. */
function tag(type: string): number {
  SCRATCH.write(type, end);
  return end + 1;
}

/** In the smallest type that can hold it. */
function number(value: number): void {
  if (!Number.isInteger(value) || !fits(value, 63)) end = SCRATCH.writeDoubleBE(value, tag('d'));
  else if (fits(value, 7)) end = SCRATCH.writeInt8(value, tag('b'));
  else if (fits(value, 15)) end = SCRATCH.writeInt16BE(value, tag('s'));
  else if (fits(value, 31)) end = SCRATCH.writeInt32BE(value, tag('I'));
  else end = SCRATCH.writeBigInt64BE(BigInt(value), tag('l'));
}

function fits(value: number, bits: number): boolean {
  return value >= -(2 ** bits) && value < 2 ** bits;
}
