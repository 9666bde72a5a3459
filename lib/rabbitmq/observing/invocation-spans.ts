import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { ConsumeMessage } from 'amqplib';
import type { OutgoingMessage } from '../../lambda/event/batch-result.js';
import { endAll, type SendSpans, startSends } from '../../tracing/send-spans.js';
import { contextOf, TRACEPARENT } from '../../tracing/trace-context.js';

/** The spans of one invocation: one for each message, in the trace that it came with, and one for each outgoing message. */
export class InvocationSpans {
  readonly #spans: ReadonlyMap<ConsumeMessage, Span>;
  #sends: SendSpans<OutgoingMessage> | undefined;

  constructor(tracer: Tracer, queue: string, requestId: string, deliveries: readonly ConsumeMessage[]) {
    this.#spans = new Map(
      deliveries.map((delivery) => {
        const { exchange, routingKey } = delivery.fields;
        const { messageId, headers } = delivery.properties;
        const attributes = {
          'messaging.system': 'rabbitmq',
          'messaging.operation.name': 'process',
          'messaging.operation.type': 'process',
          // A message to the default exchange has its queue's name as routing key.
          'messaging.destination.name': [...new Set([exchange, routingKey, queue])].filter(Boolean).join(':'),
          'messaging.rabbitmq.destination.routing_key': routingKey,
          'messaging.batch.message_count': deliveries.length,
          'faas.invocation_id': requestId,
          ...(typeof messageId === 'string' && { 'messaging.message.id': messageId }),
        };
        const options = { kind: SpanKind.CONSUMER, attributes };
        return [delivery, tracer.startSpan(`process ${queue}`, options, contextOf(headers?.[TRACEPARENT]))];
      }),
    );
  }

  /** The handler's own spans belong to its message, if there is only one. */
  around<Result>(run: () => Result): Result {
    const [only, ...others] = this.#spans.values();
    return only === undefined || others.length > 0 ? run() : context.with(trace.setSpan(context.active(), only), run);
  }

  /** Each outgoing message continues the trace of the one it follows from; in a batch, if its handler says which. */
  sending(
    outgoing: readonly OutgoingMessage[],
    causeOf: (message: OutgoingMessage) => ConsumeMessage | undefined,
  ): readonly OutgoingMessage[] {
    this.#sends = startSends(outgoing, (message) => {
      const cause = causeOf(message);
      const span = cause === undefined ? undefined : this.#spans.get(cause);
      return span === undefined ? contextOf(message.headers?.[TRACEPARENT]) : trace.setSpan(context.active(), span);
    });
    return this.#sends.messages;
  }

  confirmed(): void {
    this.#sends?.end();
    this.#sends = undefined;
  }

  refused(delivery: ConsumeMessage, reason: string): void {
    this.#spans.get(delivery)?.setStatus({ code: SpanStatusCode.ERROR, message: reason });
  }

  end(failure?: Error): void {
    this.#sends?.end(failure);
    endAll(this.#spans.values(), failure);
  }
}
