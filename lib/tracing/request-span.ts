import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { activeTracer, contextOf, TRACEPARENT, traceparentOf, validTraceparent } from './trace-context.js';

/** What the span of a request contains; an API Gateway event fits (payload format 2.0). */
export interface Traceable {
  /** Such as `POST /orders`. */
  readonly routeKey: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** The span of a request that is being answered. */
export interface RequestSpan {
  /** The header for what follows from the request: of this span, or of the request itself if no one records spans. */
  readonly traceparent: string | undefined;
  end(statusCode: number): void;
}

const FIRST_FAULT_OF_OURS = 500;

export function startRequest({ routeKey, headers = {} }: Traceable): RequestSpan {
  const [, came] = Object.entries(headers).find(([name]) => name.toLowerCase() === TRACEPARENT) ?? [];
  const tracer = activeTracer();
  if (tracer === undefined) return { traceparent: validTraceparent(came), end: () => undefined };
  const [method = routeKey, route] = routeKey.split(' ');
  const attributes = { 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) };
  const span = tracer.startSpan(routeKey, { kind: SpanKind.SERVER, attributes }, contextOf(came));
  return {
    traceparent: traceparentOf(span),
    end: (statusCode) => {
      span.setAttribute('http.response.status_code', statusCode);
      if (statusCode >= FIRST_FAULT_OF_OURS) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}
