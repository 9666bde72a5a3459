import type { Log } from '../../lib/rabbitmq/log.js';
import type { Trouble } from './thread-work.js';

/** The adapter's warnings and errors, as lines that the parent prints; what is less is left out. */
export function troubleLog(queue: string, tell: (trouble: Trouble) => void): Log {
  const trouble =
    (level: 'warning' | 'error') =>
    (message: string, details: Record<string, unknown> = {}): void =>
      tell({ level, text: `${queue}: ${message}${inWords(details)}` });
  return { debug: () => undefined, info: () => undefined, warn: trouble('warning'), error: trouble('error') };
}

function inWords(details: Record<string, unknown>): string {
  const words = Object.entries(details).map(([key, value]) => `${key} ${inWord(value)}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function inWord(value: unknown): string {
  if (value instanceof AggregateError) return value.errors.map(inWord).join(', ');
  if (value instanceof Error) return value.message;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
