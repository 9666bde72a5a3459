/**
 * The header with the milliseconds since 1970 when a message was sent, which AMQP's own timestamp cuts to seconds. The
 * name is RabbitMQ's: its interceptor for incoming messages sets the same one.
 */
export const SENT_AT_HEADER = 'timestamp_in_ms';

/** The end of what a Date can hold (ECMA-262, 21.4.1.1). */
const LATEST_MS = 8.64e15;

/** When a message says that it was sent, in milliseconds since 1970; undefined where it says nothing of the kind. */
export function sentAtHeader(headers: object | undefined): number | undefined {
  const value = (headers as Readonly<Record<string, unknown>> | undefined)?.[SENT_AT_HEADER];
  return typeof value === 'number' && value >= 0 && value <= LATEST_MS ? value : undefined;
}
