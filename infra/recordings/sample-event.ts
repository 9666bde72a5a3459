import type { RmqEvent } from '../../lib/lambda/rmq-event.js';
import { buildRmqEvent } from '../../lib/lambda/rmq-event-builder.js';

/** What a sample is made of, beside its place. Whatever is missing its sender has not set. */
export interface Sample {
  readonly queue: string;
  readonly vhost: string;
  readonly bodies: readonly Buffer[];
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly contentType?: string;
  readonly messageId?: string;
  readonly type?: string;
  readonly appId?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly expiration?: string;
  readonly priority?: number;
  /** Seconds since 1970. */
  readonly timestamp?: number;
}

const EVENT_SOURCE_ARN = 'arn:aws:mq:us-east-1:000000000000:broker:sample:b-00000000-0000-0000-0000-000000000000';
const PERSISTENT = 2;

/** An event as a function gets it from RabbitMQ. Of several messages each has an id of its own: the given one and a number. */
export function sampleEvent({ queue, vhost, bodies, messageId, headers = {}, ...properties }: Sample): RmqEvent {
  const source = { queue, vhost, eventSourceArn: EVENT_SOURCE_ARN };
  const deliveries = bodies.map((content, index) => {
    const id = messageId !== undefined && bodies.length > 1 ? `${messageId}-${index + 1}` : messageId;
    return {
      content,
      properties: { deliveryMode: PERSISTENT, ...properties, headers, messageId: id },
      fields: { redelivered: false },
    };
  });
  return buildRmqEvent(source, deliveries);
}
