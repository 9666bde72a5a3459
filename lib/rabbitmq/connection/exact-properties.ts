import type { ChannelModel } from 'amqplib';
import { keepUnreadable, keepWire } from '../../wire/kept.js';
import { withoutUnreadable } from '../../wire/unreadable-headers.js';

/** A frame: type, channel and size of the payload, the payload, one byte for its end. */
const FRAME_HEAD = 7;
const FRAME_END = 0xce;
const HEADER_FRAME = 2;
/** The fields of a content header: class, weight and size of the body; the properties follow. */
const CONTENT_HEAD = 12;

/** What is used of amqplib's own connection, which its types hide (2.3). */
interface AmqpConnection {
  /** As negotiated: the size of a whole frame. */
  readonly frameMax: number;
  rest: Buffer;
  recvFrame(): false | { readonly fields?: object };
}

/**
 * Passes on the properties of messages as they are on the wire, in addition to amqplib's values: its decoder knows no text other
 * than UTF-8, no integer beyond 2^53, and no types. Headers that would end its decoder are removed from its input, and named: see
 * unreadable-headers.ts.
 */
export function passProperties({ connection }: ChannelModel): void {
  const amqp = connection as unknown as AmqpConnection;
  const { recvFrame } = amqp;
  amqp.recvFrame = () => {
    const wire = propertiesIn(amqp.rest);
    const readable = wire && withoutUnreadable(wire);
    if (readable !== undefined) amqp.rest = withProperties(amqp.rest, readable.wire);
    const frame = recvFrame.call(amqp);
    // Without a complete frame it reads on, and comes back here.
    if (wire === undefined || frame === false || frame.fields === undefined) return frame;
    keepWire(frame.fields, wire);
    if (readable !== undefined) keepUnreadable(frame.fields, readable.names);
    return frame;
  };
}

/** The maximum bytes of properties in a frame. RabbitMQ ends a connection that sends a larger one (501). */
export function mostPropertyBytes({ connection }: ChannelModel): number {
  return (connection as unknown as AmqpConnection).frameMax - FRAME_HEAD - CONTENT_HEAD - 1;
}

/** The properties of the content header at the beginning of a buffer, if it begins with a complete one. */
function propertiesIn(buffer: Buffer): Buffer | undefined {
  if (buffer.length < FRAME_HEAD || buffer.readUInt8(0) !== HEADER_FRAME) return undefined;
  const end = FRAME_HEAD + buffer.readUInt32BE(3);
  return buffer.length > end ? buffer.subarray(FRAME_HEAD + CONTENT_HEAD, end) : undefined;
}

/** Frames with different properties in the content header at their beginning. */
function withProperties(frames: Buffer, wire: Buffer): Buffer {
  const head = Buffer.from(frames.subarray(0, FRAME_HEAD + CONTENT_HEAD));
  head.writeUInt32BE(CONTENT_HEAD + wire.length, 3);
  const end = FRAME_HEAD + frames.readUInt32BE(3) + 1;
  return Buffer.concat([head, wire, Buffer.of(FRAME_END), frames.subarray(end)]);
}
