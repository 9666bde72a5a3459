import { type Context, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { activeTracer, TRACEPARENT, traceparentOf } from './trace-context.js';

/** What the span of a message contains. */
export interface Sendable {
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
}

/** Spans from when messages are handed over until the broker has confirmed them. */
export interface SendSpans<Message> {
  /** The same messages, each with the header of its own span. */
  readonly messages: readonly Message[];
  /** @param failure why the messages are not known to be confirmed */
  end(failure?: Error): void;
}

/** Starts a span for each message that is about to be sent. Without an SDK this changes nothing. */
export function startSends<Message extends Sendable>(
  messages: readonly Message[],
  parentOf: (message: Message) => Context,
): SendSpans<Message> {
  const tracer = activeTracer();
  if (tracer === undefined) return { messages, end: () => undefined };
  const spans: Span[] = [];
  const traced = messages.map((message) => {
    const { exchange, routingKey, messageId, headers } = message;
    // The default exchange has no name: its routing keys are queue names.
    const options = { kind: SpanKind.PRODUCER, attributes: attributesOf(exchange, routingKey, messageId) };
    const span = tracer.startSpan(`send ${exchange || routingKey}`, options, parentOf(message));
    spans.push(span);
    const traceparent = traceparentOf(span);
    return traceparent === undefined ? message : { ...message, headers: { ...headers, [TRACEPARENT]: traceparent } };
  });
  return { messages: traced, end: (failure) => endAll(spans, failure) };
}

/** Names from OpenTelemetry's semantic conventions for messaging. */
function attributesOf(exchange: string, routingKey: string, messageId: string) {
  return {
    'messaging.system': 'rabbitmq',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': [exchange, routingKey].filter((part) => part !== '').join(':'),
    'messaging.rabbitmq.destination.routing_key': routingKey,
    'messaging.message.id': messageId,
  };
}

export function endAll(spans: Iterable<Span>, failure?: Error): void {
  for (const span of spans) {
    if (failure !== undefined) {
      span.recordException(failure);
      span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
    }
    span.end();
  }
}
