import type { Options } from 'amqplib';

/** A message checked and encoded: nothing about it can make the broker close the channel, but a missing exchange. */
export interface EncodedMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** Missing only where a message of somebody else had none. */
  readonly messageId: string | undefined;
  /** Published `mandatory`: the broker returns it if no queue takes it. */
  readonly mustRoute: boolean;
  readonly properties: EncodedProperties;
  /** Of a copy: all of its properties, id included, as they are on the wire; sent in place of the ones above. */
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
