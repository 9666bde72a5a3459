import type { SplitProperties } from './encode-properties.js';
import { MOST_TEXT_BYTES } from './properties.js';

/** What a message is published with. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  /** The broker returns it if no queue takes it. */
  readonly mandatory: boolean;
  readonly content: Buffer;
}

/** A frame: its type, the channel and the size of the payload, the payload, and one byte for its end. */
const FRAME_HEAD = 7;
const FRAME_END = 0xce;
const [METHOD, HEADER, BODY] = [1, 2, 3] as const;
/** Class 60, method 40. */
const BASIC_PUBLISH = 0x003c0028;
const BASIC = 0x003c0000;
const MANDATORY = 1;
/** The fields of a header frame's payload: class, weight and size of the body. */
const CONTENT_HEAD = 12;
/** Everything in the frames of a message besides its texts, properties and body; with one body frame. */
const FIXED = 3 * (FRAME_HEAD + 1) + 4 + 2 + 1 + CONTENT_HEAD + 3;
/** A UTF-16 unit becomes at most three bytes of UTF-8. */
const MOST_BYTES_PER_UNIT = 3;
const CHUNK_BYTES = 64 * 1024;

/**
 * Writes `basic.publish` for many messages into few buffers (AMQP 0-9-1, 4.2). amqplib (2.3) allocates six times for each
 * message, and passes each one through two streams: most of the cost of publishing a small message.
 */
export class PublishFrames {
  readonly #channel: number;
  readonly #mostBodyBytes: number;
  #chunk = Buffer.alloc(0);
  /** Positions of what was taken, and of what was written. */
  #start = 0;
  #end = 0;

  /** @param frameMax as negotiated: the size of a whole frame */
  constructor(channel: number, frameMax: number) {
    this.#channel = channel;
    this.#mostBodyBytes = frameMax - FRAME_HEAD - 1;
  }

  /**
   * Returns the frames of the previous messages if there is no room next to them: they come first.
   * @throws RangeError for a text that is too long for AMQP
   */
  add(publication: Publication, id: string | undefined, properties: SplitProperties): Buffer | undefined {
    for (const text of [publication.exchange, publication.routingKey, id ?? '']) mustBeShort(text);
    const most = this.#mostBytes(publication, id, properties);
    const hasRoom = this.#end + most <= this.#chunk.length;
    const full = hasRoom ? undefined : this.take();
    if (!hasRoom) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, most));
      this.#start = 0;
      this.#end = 0;
    }
    const { exchange, routingKey, mandatory, content } = publication;
    const method = this.#begin(METHOD);
    this.#uint32(BASIC_PUBLISH);
    this.#uint16(0);
    this.#text(exchange);
    this.#text(routingKey);
    this.#byte(mandatory ? MANDATORY : 0);
    this.#finish(method);
    const header = this.#begin(HEADER);
    this.#uint32(BASIC);
    this.#uint32(0);
    this.#uint32(content.length);
    this.#bytes(properties.before, 0, properties.before.length);
    if (id !== undefined) this.#text(id);
    this.#bytes(properties.after, 0, properties.after.length);
    this.#finish(header);
    for (let from = 0; from < content.length; from += this.#mostBodyBytes) {
      const body = this.#begin(BODY);
      this.#bytes(content, from, Math.min(from + this.#mostBodyBytes, content.length));
      this.#finish(body);
    }
    return full;
  }

  /** The frames that were written since the last call; undefined if there are none. They no longer change. */
  take(): Buffer | undefined {
    if (this.#end === this.#start) return undefined;
    const taken = this.#chunk.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return taken;
  }

  #mostBytes(
    { exchange, routingKey, content }: Publication,
    id: string | undefined,
    properties: SplitProperties,
  ): number {
    const units = exchange.length + routingKey.length + (id?.length ?? 0);
    const bodyFrames = Math.ceil(content.length / this.#mostBodyBytes);
    return (
      FIXED +
      MOST_BYTES_PER_UNIT * units +
      properties.before.length +
      properties.after.length +
      content.length +
      bodyFrames * (FRAME_HEAD + 1)
    );
  }

  #begin(type: number): number {
    const start = this.#end;
    this.#byte(type);
    this.#uint16(this.#channel);
    this.#end += 4;
    return start;
  }

  #finish(start: number): void {
    this.#chunk.writeUInt32BE(this.#end - start - FRAME_HEAD, start + 3);
    this.#byte(FRAME_END);
  }

  #byte(value: number): void {
    this.#chunk[this.#end++] = value;
  }

  #uint16(value: number): void {
    this.#end = this.#chunk.writeUInt16BE(value, this.#end);
  }

  #uint32(value: number): void {
    this.#end = this.#chunk.writeUInt32BE(value, this.#end);
  }

  #text(text: string): void {
    const bytes = this.#chunk.write(text, this.#end + 1);
    this.#chunk[this.#end] = bytes;
    this.#end += 1 + bytes;
  }

  #bytes(bytes: Buffer, from: number, to: number): void {
    this.#end += bytes.copy(this.#chunk, this.#end, from, to);
  }
}

function mustBeShort(text: string): void {
  if (text.length * MOST_BYTES_PER_UNIT <= MOST_TEXT_BYTES || Buffer.byteLength(text) <= MOST_TEXT_BYTES) return;
  throw new RangeError(`${text.slice(0, 40)}… has more than ${MOST_TEXT_BYTES} bytes`);
}
