import type { Options } from 'amqplib';

/** A message that was checked and encoded: nothing about it can make the broker close the channel, except a missing exchange. */
export interface EncodedMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** Missing only if someone else's message had none. */
  readonly messageId: string | undefined;
  /** Published `mandatory`: the broker returns it if no queue takes it. */
  readonly mustRoute: boolean;
  readonly properties: EncodedProperties;
  /** For a copy: all of its properties, including the id, as they are on the wire; sent in place of those above. */
  readonly wire?: Buffer;
}

export type EncodedProperties = Pick<
  Options.Publish,
  | 'persistent'
  | 'contentType'
  | 'contentEncoding'
  | 'correlationId'
  | 'replyTo'
  | 'priority'
  | 'expiration'
  | 'type'
  | 'appId'
  | 'timestamp'
  | 'headers'
>;
