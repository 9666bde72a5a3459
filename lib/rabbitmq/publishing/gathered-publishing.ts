import type { ConfirmChannel, Options } from 'amqplib';
import { encodeProperties, type SplitProperties } from '../../wire/encode-properties.js';
import { PublishFrames } from '../../wire/publish-frames.js';
import type { EncodedMessage, EncodedProperties } from './encoded-message.js';

/** What is used of amqplib's own channel, which its types hide (2.3). */
interface AmqpChannel {
  readonly ch: number;
  readonly connection: {
    readonly frameMax: number;
    /** Makes the next heartbeat unnecessary. */
    sentSinceLastCheck: boolean;
    readonly channels: ({ readonly channel: unknown; readonly buffer: { write(chunk: Buffer): boolean } } | null)[];
  };
  pushConfirmCallback(onSettled: OnSettled): void;
}

/** Called with null if the broker has confirmed the message. */
type OnSettled = (error: unknown) => void;

const NOTHING = Buffer.alloc(0);

/** Publishes on a confirm channel, many messages with one write: after publishing, flush before waiting for anything. */
export class GatheredPublishing {
  readonly #channel: ConfirmChannel;
  readonly #amqp: AmqpChannel;
  readonly #frames: PublishFrames;
  /** Most messages of a batch share their properties. */
  readonly #encoded = new Map<EncodedProperties, SplitProperties | undefined>();
  #hasRoom = true;

  constructor(channel: ConfirmChannel) {
    this.#channel = channel;
    this.#amqp = channel as unknown as AmqpChannel;
    this.#frames = new PublishFrames(this.#amqp.ch, this.#amqp.connection.frameMax);
  }

  /** False while the channel's buffer is full: until it says `drain`. */
  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  drained(): void {
    this.#hasRoom = true;
  }

  /** @throws Error if the channel is closed, or for anything too large for AMQP */
  publish(message: EncodedMessage, userId: string | undefined, onSettled: OnSettled): void {
    const properties = this.#propertiesOf(message, userId);
    if (properties === undefined) {
      this.flush();
      if (!this.#publishNested(message, userId, onSettled)) this.#hasRoom = false;
      return;
    }
    this.#buffer();
    const { exchange, routingKey, content, mustRoute: mandatory, wire } = message;
    const publication = { exchange, routingKey, content, mandatory };
    // Properties from the wire contain their own.
    const id = wire === undefined ? message.messageId : undefined;
    this.#write(this.#frames.add(publication, id, properties));
    this.#amqp.pushConfirmCallback(onSettled);
  }

  flush(): void {
    this.#encoded.clear();
    this.#write(this.#frames.take());
  }

  #write(frames: Buffer | undefined): void {
    if (frames === undefined) return;
    this.#amqp.connection.sentSinceLastCheck = true;
    if (!this.#buffer().write(frames)) this.#hasRoom = false;
  }

  /** @throws Error if the channel is closed */
  #buffer() {
    const own = this.#amqp.connection.channels[this.#amqp.ch];
    if (own?.channel !== this.#channel) throw new Error('the channel is closed');
    return own.buffer;
  }

  #propertiesOf(
    { wire, properties, messageId }: EncodedMessage,
    userId: string | undefined,
  ): SplitProperties | undefined {
    if (wire !== undefined) return { before: wire, after: NOTHING };
    const known = this.#encoded.get(properties);
    if (known !== undefined && messageId !== undefined) return known;
    const encoded = encodeProperties({ userId, ...properties }, messageId !== undefined);
    if (messageId !== undefined) this.#encoded.set(properties, encoded);
    return encoded;
  }

  /** With tables or lists in its headers, which amqplib can encode. */
  #publishNested(
    { exchange, routingKey, content, ...message }: EncodedMessage,
    userId: string | undefined,
    onSettled: OnSettled,
  ) {
    const { properties, messageId, mustRoute: mandatory } = message;
    const options = { ...properties, messageId, userId, mandatory } as Options.Publish;
    return this.#channel.publish(exchange, routingKey, content, options, onSettled);
  }
}
