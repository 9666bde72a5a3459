import type { InvocationReport } from './read-invocation-report.js';

export const MOST_ITEMS = 32;
export const MOST_SENT = 16;
export const MOST_LINES = 50;
export const LONGEST_TEXT = 1_000;
export const LONGEST_STACK = 4_000;
/** RabbitMQ's own limit for names and ids. */
export const LONGEST_ID = 255;

export function encodeInvocationReport(report: InvocationReport): string {
  return JSON.stringify({ v: 1, ...report });
}
