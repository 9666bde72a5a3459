import type { Death } from './death.js';
import type { LogEntry } from './log-entry.js';
import type { MessagePreview } from './preview.js';

/** A message found in the dead-letter queue. */
export interface Found {
  readonly id: string;
  readonly messageId?: string;
  readonly death: Death | undefined;
  /** How often it was redriven before. */
  readonly redrives: number;
  readonly bytes: number;
}

/**
 * `missing`: it is in the log, but neither in the queue nor marked. Another consumer took it or is holding it, or the broker does
 * not dead-letter.
 */
export type State = 'waiting' | 'redriven' | 'purged' | 'missing';

/** One dead letter as people see it. */
export interface DeadLetter {
  readonly id: string;
  readonly state: State;
  readonly reason: string;
  /** ISO 8601; undefined if neither log nor broker has it. */
  readonly at: string | undefined;
  /** When it was brought into this state, if a person did so. */
  readonly since?: string;
  /** Who did so, and with which command. */
  readonly by?: string;
  /** The queue it died in. */
  readonly queue?: string | undefined;
  readonly messageId?: string;
  /** The number of equal messages that wait. */
  readonly copies: number;
  readonly redrives?: number;
  readonly bytes?: number;
  /** As kept in the log, if it is no longer in the queue. */
  readonly message?: MessagePreview;
}

/**
 * The state of every dead letter: in the order of the log, then those that are not in the log, in the order of the queue.
 * Whatever is in the queue is waiting, whatever the log says, because a command that was killed may not have removed it.
 * @param deliveryLimits by queue, where known
 */
export function deadLettersOf(
  entries: Iterable<LogEntry>,
  found: Iterable<Found>,
  deliveryLimits: ReadonlyMap<string | undefined, number> = new Map(),
): DeadLetter[] {
  const letters = new Map<string, DeadLetter>();
  for (const entry of entries) {
    letters.set(entry.id, fromLog(entry, letters.get(entry.id)));
  }
  for (const message of found) {
    const known = letters.get(message.id);
    letters.set(message.id, waiting(message, known, deliveryLimits));
  }
  return [...letters.values()];
}

function fromLog({ kind, at, ...told }: LogEntry, known: DeadLetter | undefined): DeadLetter {
  if (kind === 'rejected') return { ...told, at, state: 'missing', copies: 0 };
  return { ...known, ...told, at: known?.at, state: kind, since: at, copies: 0 };
}

function waiting(
  { id, death, messageId, redrives, bytes }: Found,
  known: DeadLetter | undefined,
  deliveryLimits: ReadonlyMap<string | undefined, number>,
): DeadLetter {
  // A message may be rejected under one id, and later be given up by the broker under the same id, if it was moved by hand.
  const rejected = death === undefined || death.reason === 'rejected' ? known : undefined;
  return {
    id,
    state: 'waiting',
    reason: rejected?.reason ?? brokersReason(death, deliveryLimits),
    at: rejected?.at ?? timeOf(death),
    queue: death?.queue ?? known?.queue,
    ...(messageId !== undefined && { messageId }),
    copies: known?.state === 'waiting' ? known.copies + 1 : 1,
    redrives,
    bytes,
  };
}

function timeOf(death: Death | undefined): string | undefined {
  const date = new Date((death?.seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The broker's own reason, in words (https://www.rabbitmq.com/docs/dlx). */
export function brokersReason(
  death: Death | undefined,
  deliveryLimits: ReadonlyMap<string | undefined, number> = new Map(),
): string {
  const { reason, queue } = death ?? {};
  switch (reason) {
    case undefined:
      return 'put there by hand';
    case 'rejected':
      return 'rejected, without a reason in the log';
    case 'delivery_limit': {
      const limit = deliveryLimits.get(queue);
      return limit === undefined ? 'failed too often' : `failed ${limit + 1} times`;
    }
    case 'expired':
      return 'waited too long';
    case 'maxlen':
      return 'queue was full';
    default:
      return reason;
  }
}
