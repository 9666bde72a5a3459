import { z } from 'zod';
import type { RmqBasicProperties, RmqEvent, RmqHeaderValue, RmqMessage } from './rmq-event.js';

/**
 * Schemas of the `aws:rmq` event, for parsers and for tests. Keys that AWS may add are accepted. zod omits a header named
 * `__proto__` from its result (tried with 4.6); `decodeRmqEvent` keeps it.
 */

const text = z.string().nullable();
const number = z.number().nullable();

export const rmqHeaderValueSchema: z.ZodType<RmqHeaderValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(rmqHeaderValueSchema),
    z.record(z.string(), rmqHeaderValueSchema),
  ]),
);

export const rmqBasicPropertiesSchema: z.ZodType<RmqBasicProperties> = z.looseObject({
  contentType: text,
  contentEncoding: text,
  headers: z.record(z.string(), rmqHeaderValueSchema).nullable(),
  deliveryMode: number,
  priority: number,
  correlationId: text,
  replyTo: text,
  expiration: text,
  messageId: text,
  timestamp: text,
  type: text,
  userId: text,
  appId: text,
  clusterId: text,
  bodySize: z.int().min(0),
});

export const rmqMessageSchema: z.ZodType<RmqMessage> = z.looseObject({
  basicProperties: rmqBasicPropertiesSchema,
  redelivered: z.boolean(),
  data: z.base64(),
});

export const rmqEventSchema: z.ZodType<RmqEvent> = z.looseObject({
  eventSourceArn: z.string(),
  /** Keyed by `"<queue>::<vhost>"`. */
  rmqMessagesByQueue: z.record(z.string().regex(/::/, 'a key is "<queue>::<vhost>"'), z.array(rmqMessageSchema)),
  eventSource: z.literal('aws:rmq'),
});
