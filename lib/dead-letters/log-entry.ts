import { type MessagePreview, readPreview } from './preview.js';

/** One entry of the log of dead letters. */
export interface LogEntry {
  /** The message is about to be rejected; or a person redrove or purged it. */
  readonly kind: 'rejected' | 'redriven' | 'purged';
  /** Identifies one event, and one of its deaths. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The queue it died in. */
  readonly queue?: string;
  readonly reason: string;
  readonly messageId?: string;
  /** Who redrove or purged it, and with which command. */
  readonly by?: string;
  /** The rejected message, as far as it is kept. */
  readonly message?: MessagePreview;
}

const VERSION = 1;
const KINDS: readonly unknown[] = ['rejected', 'redriven', 'purged'];
const REASON_KEPT = 1_000;

/** All names in AMQP are at most this long. */
const LONGEST_NAME = 255;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_NAME;
}

/** JSON. A reason is truncated, because it may be an error that quotes its message. */
export function encodeLogEntry(entry: LogEntry): string {
  return JSON.stringify({ v: VERSION, ...entry, reason: entry.reason.slice(0, REASON_KEPT) });
}

/**
 * Undefined for anything that is not an entry of this version: anyone may write to the log, so nothing may fail because of it.
 */
export function decodeLogEntry(json: string): LogEntry | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(json);
  } catch {
    // Then it is not an entry.
  }
  const { v, kind, id, at, queue, reason, messageId, by, message } = (entry ?? {}) as Record<string, unknown>;
  if (v !== VERSION || !KINDS.includes(kind)) return undefined;
  if (!isName(id) || !isName(at) || typeof reason !== 'string') return undefined;
  const preview = readPreview(message);
  return {
    kind: kind as LogEntry['kind'],
    id,
    at,
    reason: reason.slice(0, REASON_KEPT),
    ...(isName(queue) && { queue }),
    ...(isName(messageId) && { messageId }),
    ...(isName(by) && { by }),
    ...(preview !== undefined && { message: preview }),
  };
}
