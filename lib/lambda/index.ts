/** What a function that gets RabbitMQ messages may import, on this machine and on AWS. */
export type { BatchItemFailure, BatchResult, OutgoingMessage } from './batch-result.js';
export type {
  RmqBasicProperties,
  RmqEvent,
  RmqHeaderValue,
  RmqLongString,
  RmqMessage,
} from './rmq-event.js';
export {
  rmqBasicPropertiesSchema,
  rmqEventSchema,
  rmqHeaderValueSchema,
  rmqMessageSchema,
} from './rmq-event-schema.js';
export { type DecodedRmqEvent, rmqRecords } from './rmq-middleware.js';
export { decodeRmqEvent, type HeaderValue, type RmqRecord } from './rmq-records.js';
