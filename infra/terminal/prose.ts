import type { Log } from '../../lib/rabbitmq/log.js';
import { printableLine } from './printable.js';

/** An error or warning, as a line for people. */
export interface Trouble {
  readonly level: 'warning' | 'error';
  readonly text: string;
}

/** Fields that the line itself contains, or that differ each time. */
const LEFT_OUT = ['code', 'undeclared', 'delayMs', 'connectionName', 'differences', 'requestId', 'traceId'];

/** The adapter's warnings and errors as text; an error is followed by its stack trace. Lower levels are omitted. */
export function proseLog(tell: (trouble: Trouble) => void): Log {
  const trouble =
    (level: Trouble['level']) =>
    (message: string, details: Record<string, unknown> = {}): void =>
      tell({ level, text: message + inWords(details) + (level === 'error' ? stackOf(details['error']) : '') });
  return { debug: () => undefined, info: () => undefined, warn: trouble('warning'), error: trouble('error') };
}

function inWords(details: Record<string, unknown>): string {
  const told = Object.entries(details).filter(([key]) => !LEFT_OUT.includes(key));
  return told.length === 0 ? '' : ` (${told.map(([key, value]) => `${key} ${inWord(value)}`).join(', ')})`;
}

function inWord(value: unknown): string {
  if (value instanceof AggregateError) return value.errors.map(inWord).join(', ');
  if (value instanceof Error) return printableLine(value.message);
  return printableLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Where it was thrown: the lines of the stack trace after the message, without Node's own. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('(node:'));
  return frames.map((frame) => `\n${frame}`).join('');
}
