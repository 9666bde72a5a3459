/** The event that AWS Lambda gets from RabbitMQ (Amazon MQ), field by field; AWS publishes no types for it. */
export interface RmqEvent {
  eventSourceArn: string;
  /** Keyed by `"<queue>::<vhost>"`. */
  rmqMessagesByQueue: Record<string, RmqMessage[]>;
  eventSource: 'aws:rmq';
}

export interface RmqMessage {
  basicProperties: RmqBasicProperties;
  redelivered: boolean;
  /** The body in base64. */
  data: string;
}

/** Every key is always there; what the sender did not set is `null`. */
export interface RmqBasicProperties {
  contentType: string | null;
  contentEncoding: string | null;
  headers: Record<string, RmqHeaderValue> | null;
  deliveryMode: number | null;
  priority: number | null;
  correlationId: string | null;
  replyTo: string | null;
  /** Milliseconds, as a string. */
  expiration: string | null;
  messageId: string | null;
  /** Human-readable, in UTC: `"Jan 1, 1970, 12:33:41 AM"`. */
  timestamp: string | null;
  type: string | null;
  userId: string | null;
  appId: string | null;
  clusterId: string | null;
  /** Length of the body in bytes. */
  bodySize: number;
}

/** A long string arrives as its bytes, signed as in Java: 0xC3 is -61. `Buffer.from(bytes)` reads both forms. */
export interface RmqLongString {
  bytes: number[];
}

export type RmqHeaderValue =
  | string
  | number
  | boolean
  | null
  | RmqLongString
  | RmqHeaderValue[]
  | { [key: string]: RmqHeaderValue };

/** The key of `rmqMessagesByQueue`. */
export function queueKey(queue: string, vhost: string): string {
  return `${queue}::${vhost}`;
}

/** Identifies one message of an event by its position, for `batchItemFailures`: AWS sends no field that could. */
export function itemIdentifier(key: string, index: number): string {
  return `${key}#${index}`;
}
