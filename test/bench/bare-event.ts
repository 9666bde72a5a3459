import type { ConsumeMessage } from 'amqplib';

/** The AWS event by hand, for this one job: no headers other than texts and numbers, and only the properties that occur. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

type Header = number | { readonly bytes: number[] };

interface EventMessage {
  readonly basicProperties: {
    readonly messageId: string | null;
    readonly headers: Readonly<Record<string, Header>> | null;
    readonly [name: string]: unknown;
  };
  readonly redelivered: boolean;
  readonly data: string;
}

export interface BareEvent {
  readonly eventSourceArn: string;
  readonly rmqMessagesByQueue: Readonly<Record<string, readonly EventMessage[]>>;
  readonly eventSource: 'aws:rmq';
}

/** What a handler makes of one message. */
export interface BareRecord {
  readonly messageId: string;
  readonly body: Buffer;
  readonly traceparent: string | undefined;
}

export function buildEvent(queue: string, messages: readonly ConsumeMessage[]): BareEvent {
  return {
    eventSourceArn: 'arn:aws:mq:us-east-1:000000000000:broker:bench:b-0',
    rmqMessagesByQueue: { [`${queue}::/`]: messages.map(buildMessage) },
    eventSource: 'aws:rmq',
  };
}

function buildMessage({ content, properties, fields }: ConsumeMessage): EventMessage {
  return {
    basicProperties: {
      contentType: properties.contentType ?? null,
      contentEncoding: properties.contentEncoding ?? null,
      headers: properties.headers === undefined ? null : buildHeaders(properties.headers),
      deliveryMode: properties.deliveryMode ?? null,
      priority: properties.priority ?? null,
      correlationId: properties.correlationId ?? null,
      replyTo: properties.replyTo ?? null,
      expiration: properties.expiration ?? null,
      messageId: properties.messageId ?? null,
      timestamp: properties.timestamp === undefined ? null : formatTime(properties.timestamp),
      type: properties.type ?? null,
      userId: properties.userId ?? null,
      appId: properties.appId ?? null,
      clusterId: properties.clusterId ?? null,
      bodySize: content.length,
    },
    redelivered: fields.redelivered,
    data: content.toString('base64'),
  };
}

function buildHeaders(headers: Readonly<Record<string, unknown>>): Record<string, Header> {
  const built: Record<string, Header> = {};
  for (const name in headers) {
    const value = headers[name];
    built[name] = typeof value === 'number' ? value : { bytes: [...Buffer.from(String(value))] };
  }
  return built;
}

function formatTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
  const hour = date.getUTCHours();
  const time = `${hour % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}, ${time} ${hour < 12 ? 'AM' : 'PM'}`;
}

export function decodeEvent({ rmqMessagesByQueue }: BareEvent): BareRecord[] {
  const records: BareRecord[] = [];
  for (const messages of Object.values(rmqMessagesByQueue)) {
    for (const { basicProperties, data } of messages) {
      const traceparent = basicProperties.headers?.['traceparent'];
      records.push({
        messageId: basicProperties.messageId ?? '',
        body: Buffer.from(data, 'base64'),
        traceparent: typeof traceparent === 'object' ? Buffer.from(traceparent.bytes).toString() : undefined,
      });
    }
  }
  return records;
}
