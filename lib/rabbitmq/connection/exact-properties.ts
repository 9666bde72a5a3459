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
  readonly channels: { buffer: { write(chunk: Buffer): boolean } }[];
  recvFrame(): false | { readonly fields?: object };
  sendMessage(
    channel: number,
    method: number,
    fields: object,
    kind: number,
    properties: object,
    content: Buffer,
  ): boolean;
}

/** By the body that is sent: the properties to send with it. */
const exactly = new WeakMap<Buffer, Buffer>();

/** Marks a body to be sent with properties as they are on the wire: gives the body to send, which may be used once. */
export function sentWith(content: Buffer, wire: Buffer): Buffer {
  const marked = content.subarray();
  exactly.set(marked, wire);
  return marked;
}

/**
 * Lets the properties of messages through as they are on the wire, beside what amqplib makes of them: its decoder knows no
 * text but UTF-8, no integer beyond 2^53 and no types, and its encoder guesses them. Headers that would end its decoder are
 * left out of what it is given, and named: see unreadable-headers.ts.
 */
export function passProperties({ connection }: ChannelModel): void {
  const amqp = connection as unknown as AmqpConnection;
  const { recvFrame, sendMessage } = amqp;
  amqp.recvFrame = () => {
    const wire = propertiesIn(amqp.rest);
    const readable = wire && withoutUnreadable(wire);
    if (readable !== undefined) amqp.rest = withProperties(amqp.rest, 0, readable.wire);
    const frame = recvFrame.call(amqp);
    // Without a whole frame it reads on, and comes here once more.
    if (wire === undefined || frame === false || frame.fields === undefined) return frame;
    keepWire(frame.fields, wire);
    if (readable !== undefined) keepUnreadable(frame.fields, readable.names);
    return frame;
  };
  amqp.sendMessage = (channel, method, fields, kind, properties, content) => {
    const wire = exactly.get(content);
    if (wire === undefined) return sendMessage.call(amqp, channel, method, fields, kind, properties, content);
    const chunks: Buffer[] = [];
    const own = amqp.channels[channel] as AmqpConnection['channels'][number];
    const { buffer } = own;
    own.buffer = { write: (chunk) => chunks.push(chunk) > 0 };
    try {
      sendMessage.call(amqp, channel, method, fields, kind, {}, content);
    } finally {
      own.buffer = buffer;
    }
    const frames = Buffer.concat(chunks);
    // Behind the frame of the method.
    return buffer.write(withProperties(frames, frameEnd(frames, 0), wire));
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

/** Frames with other properties in the content header that begins at `start`. */
function withProperties(frames: Buffer, start: number, wire: Buffer): Buffer {
  const head = Buffer.from(frames.subarray(start, start + FRAME_HEAD + CONTENT_HEAD));
  head.writeUInt32BE(CONTENT_HEAD + wire.length, 3);
  const rest = frames.subarray(frameEnd(frames, start));
  return Buffer.concat([frames.subarray(0, start), head, wire, Buffer.of(FRAME_END), rest]);
}

function frameEnd(frames: Buffer, start: number): number {
  return start + FRAME_HEAD + frames.readUInt32BE(start + 3) + 1;
}
