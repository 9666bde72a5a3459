/** A message that a handler wants sent. The handler only says so: the adapter (or, on AWS, the wrapper) publishes it. */
export interface OutgoingMessage {
  /** Exchange name; `''` is RabbitMQ's default exchange, which routes by queue name. */
  readonly exchange: string;
  /** At most 255 bytes in UTF-8. */
  readonly routingKey: string;
  /** A JSON value; sent as UTF-8 JSON. */
  readonly body: unknown;
  /** Derived from the incoming message, so that a repeat carries the same id. */
  readonly messageId: string;
  /** The AMQP `type` property. */
  readonly type: string;
  /** True where the batch must fail if no queue receives the message, false where nobody has to listen. */
  readonly mustRoute: boolean;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  /** The message of the batch that it follows from, for whoever watches; `queueFunction` says it by itself. */
  readonly itemIdentifier?: string;
}

/** One message of the batch that was not handled. With a `reason` it is final and dead-lettered; without, it is retried. */
export interface BatchItemFailure {
  readonly itemIdentifier: string;
  readonly reason?: string;
}

/** What a queue handler returns: decisions, not deeds. */
export interface BatchResult {
  readonly batchItemFailures: readonly BatchItemFailure[];
  readonly outgoing: readonly OutgoingMessage[];
}
