/**
 * The header with the sending time in milliseconds since 1970, because AMQP's own timestamp has only seconds. The name is
 * RabbitMQ's: its interceptor for incoming messages sets the same header.
 */
export const SENT_AT_HEADER = 'timestamp_in_ms';

/** The end of what a Date can hold (ECMA-262, 21.4.1.1). */
const LATEST_MS = 8.64e15;

/** The sending time that a message states, in milliseconds since 1970; undefined if it states none. */
export function sentAtHeader(headers: object | undefined): number | undefined {
  const value = (headers as Readonly<Record<string, unknown>> | undefined)?.[SENT_AT_HEADER];
  return typeof value === 'number' && value >= 0 && value <= LATEST_MS ? value : undefined;
}
