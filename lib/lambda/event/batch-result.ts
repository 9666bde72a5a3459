/** A message that a handler wants sent. The handler only returns it: the adapter (or, on AWS, the wrapper) publishes it. */
export interface OutgoingMessage {
  /** The exchange's name; `''` is RabbitMQ's default exchange, which routes by queue name. */
  readonly exchange: string;
  /** At most 255 bytes in UTF-8. */
  readonly routingKey: string;
  /** A JSON value; sent as UTF-8 JSON. */
  readonly body: unknown;
  /** Derived from the incoming message, so that a repeat has the same id. */
  readonly messageId: string;
  /** The AMQP `type` property. */
  readonly type: string;
  /** True if the batch must fail when no queue receives the message; false if no one needs to listen. */
  readonly mustRoute: boolean;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  /** The message of the batch that it follows from, for observers; `queueFunction` sets it by itself. */
  readonly itemIdentifier?: string;
}

/**
 * One message of the batch that was not handled. With a `reason` the failure is final and the message is dead-lettered; without
 * one, it is tried again.
 */
export interface BatchItemFailure {
  readonly itemIdentifier: string;
  readonly reason?: string;
}

/** What a queue handler returns: decisions, not side effects. */
export interface BatchResult {
  readonly batchItemFailures: readonly BatchItemFailure[];
  readonly outgoing: readonly OutgoingMessage[];
}
