/** What a function that handles RabbitMQ messages may import, on this machine and on AWS. */
export type { BatchItemFailure, BatchResult, OutgoingMessage } from './event/batch-result.js';
export type {
  RmqBasicProperties,
  RmqEvent,
  RmqHeaderValue,
  RmqLongString,
  RmqMessage,
} from './event/rmq-event.js';
export {
  rmqBasicPropertiesSchema,
  rmqEventSchema,
  rmqHeaderValueSchema,
  rmqMessageSchema,
} from './event/rmq-event-schema.js';
export { decodeRmqEvent, type HeaderValue, type RmqRecord } from './event/rmq-records.js';
export { type DecodedRmqEvent, rmqRecords } from './function/rmq-middleware.js';
