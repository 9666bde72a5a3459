import type { ChannelModel } from 'amqplib';
import { keepUnreadable, keepWire } from '../../wire/kept.js';
import { withoutUnreadable } from '../../wire/unreadable-headers.js';

/** A frame: type, channel and size of the payload, the payload, one byte for its end. */
const FRAME_HEAD = 7;
const FRAME_END = 0xce;
const HEADER_FRAME = 2;
/** Of a content header: class, weight and size of the body; the properties follow. */
const CONTENT_HEAD = 12;

/** What is used of amqplib's own connection, which its types hide (2.3). */
interface AmqpConnection {
  /** As negotiated: a whole frame. */
  readonly frameMax: number;
  rest: Buffer;
  recvFrame(): false | { readonly fields?: object };
}

/**
 * Lets the properties of messages through as they are on the wire, beside what amqplib makes of them: its decoder knows no
 * text but UTF-8, no integer beyond 2^53 and no types. Headers that would end its decoder are left out of what it is given, and
 * named: see unreadable-headers.ts.
 */
export function passProperties({ connection }: ChannelModel): void {
  const amqp = connection as unknown as AmqpConnection;
  const { recvFrame } = amqp;
  amqp.recvFrame = () => {
    const wire = propertiesIn(amqp.rest);
    const readable = wire && withoutUnreadable(wire);
    if (readable !== undefined) amqp.rest = withProperties(amqp.rest, readable.wire);
    const frame = recvFrame.call(amqp);
    // Without a whole frame it reads on, and comes here once more.
    if (wire === undefined || frame === false || frame.fields === undefined) return frame;
    keepWire(frame.fields, wire);
    if (readable !== undefined) keepUnreadable(frame.fields, readable.names);
    return frame;
  };
}

/** Most bytes of properties that a frame can hold. RabbitMQ ends a connection that sends a larger one (501). */
export function mostPropertyBytes({ connection }: ChannelModel): number {
  return (connection as unknown as AmqpConnection).frameMax - FRAME_HEAD - CONTENT_HEAD - 1;
}

/** The properties of the content header that a buffer begins with, if it does and has all of it. */
function propertiesIn(buffer: Buffer): Buffer | undefined {
  if (buffer.length < FRAME_HEAD || buffer.readUInt8(0) !== HEADER_FRAME) return undefined;
  const end = FRAME_HEAD + buffer.readUInt32BE(3);
  return buffer.length > end ? buffer.subarray(FRAME_HEAD + CONTENT_HEAD, end) : undefined;
}

/** Frames with other properties in the content header that they begin with. */
function withProperties(frames: Buffer, wire: Buffer): Buffer {
  const head = Buffer.from(frames.subarray(0, FRAME_HEAD + CONTENT_HEAD));
  head.writeUInt32BE(CONTENT_HEAD + wire.length, 3);
  const end = FRAME_HEAD + frames.readUInt32BE(3) + 1;
  return Buffer.concat([head, wire, Buffer.of(FRAME_END), frames.subarray(end)]);
}
