import type { MessagePreview } from '../../dead-letters/preview.js';
import type { InvocationReport } from '../../runner-status/read-invocation-report.js';
import type { Bill, ShoppingEvent } from '../domain/events.js';

/** One thing that happened in the shop. */
export type FloorEvent = PassedEvent | Removed | InvocationPassed;

/** A message: decoded if possible, with the message that carried it. */
export type PassedEvent = Alert | BillPassed | RefusedEvent | Unreadable;

/** Someone has taken a dead letter out of its queue. */
export interface Removed {
  readonly kind: 'removed';
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly id: string;
  readonly fate: Fate;
  /** Who did it, and with which command. */
  readonly by?: string;
}

/** A worker or a customer's app has reported an invocation of its handler. */
export interface InvocationPassed extends InvocationReport {
  readonly kind: 'invocation';
  readonly key: string;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
}

export type Fate = 'redriven' | 'purged';

interface Passed {
  /** Distinguishes everything that a shop floor shows. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Missing if its sender set none. */
  readonly messageId?: string;
  readonly carrier: MessagePreview;
}

/** A customer is told what the shop saw. */
interface Alert extends Passed {
  readonly kind: 'alert';
  readonly customer: string;
  readonly worker: string;
  readonly event: ShoppingEvent;
}

export interface BillPassed extends Passed {
  readonly kind: 'bill';
  readonly customer: string;
  readonly worker: string;
  readonly bill: Bill;
}

/** An event that its worker refused; `event` is missing if it could not be decoded. */
export interface RefusedEvent extends Passed {
  readonly kind: 'dead letter';
  /** The id that commands use for it. */
  readonly id: string;
  readonly queue: string;
  readonly reason: string;
  /** Missing while it waits. */
  readonly removed?: Pick<Removed, 'at' | 'fate' | 'by'>;
  readonly event?: ShoppingEvent;
}

/** Something else that another program sent to a customer. */
interface Unreadable extends Passed {
  readonly kind: 'unreadable';
  readonly customer: string;
}
