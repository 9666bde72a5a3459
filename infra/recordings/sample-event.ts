import type { RmqEvent } from '../../lib/lambda/event/rmq-event.js';
import { buildRmqEvent } from '../../lib/lambda/event/rmq-event-builder.js';

/** The contents of messages. Anything missing was not set by the sender. */
export interface SampleMessages {
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

/** Messages, and where they come from. */
export interface Sample extends SampleMessages {
  readonly queue: string;
  readonly vhost: string;
}

const EVENT_SOURCE_ARN = 'arn:aws:mq:us-east-1:000000000000:broker:sample:b-00000000-0000-0000-0000-000000000000';
const PERSISTENT = 2;

/** Messages as amqplib would deliver them. If there are several, each has its own id: the given one and a number. */
export function sampleDeliveries({ bodies, messageId, headers = {}, ...properties }: SampleMessages) {
  return bodies.map((content, index) => {
    const id = messageId !== undefined && bodies.length > 1 ? `${messageId}-${index + 1}` : messageId;
    return {
      content,
      properties: { deliveryMode: PERSISTENT, ...properties, headers, messageId: id },
      fields: { redelivered: false },
    };
  });
}

/** An event as a function gets it from RabbitMQ. */
export function sampleEvent({ queue, vhost, ...messages }: Sample): RmqEvent {
  return buildRmqEvent({ queue, vhost, eventSourceArn: EVENT_SOURCE_ARN }, sampleDeliveries(messages));
}
