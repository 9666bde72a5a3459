import {
  type Context,
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** The header of W3C Trace Context. A request or message that has it belongs to a trace. */
export const TRACEPARENT = 'traceparent';

const INSTRUMENTATION = 'smart-shopping';
/** Version 00. Identifiers of zeros only are invalid. */
const VALID = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The tracer, if an SDK is registered with OpenTelemetry's API; without one the effort is pointless. */
export function activeTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer(INSTRUMENTATION)
    : provider.getTracer(INSTRUMENTATION);
}

/** The context of a request or message with such a header. An invalid header is ignored, as the standard requires. */
export function contextOf(traceparent: unknown): Context {
  const [, traceId, spanId, flags] = (typeof traceparent === 'string' && VALID.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** The header for what follows from a span; undefined if the span records nothing and continues nothing. */
export function traceparentOf(span: Span): string | undefined {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags } = context;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The trace id in such a header. */
export function traceIdOf(traceparent: unknown): string | undefined {
  return typeof traceparent === 'string' ? VALID.exec(traceparent)?.[1] : undefined;
}

/** The header, if it is valid. */
export function validTraceparent(header: string | undefined): string | undefined {
  return header !== undefined && VALID.test(header) ? header : undefined;
}
