/** Identifies what a line reports, for alerts and tests: it stays the same when the wording of a message improves. */
export type LogCode =
  | 'arguments-differ'
  | 'attempt-failed'
  | 'barrier-unknown'
  | 'broker-blocks'
  | 'changelog-entry-skipped'
  | 'changelog-gap'
  | 'changelog-recovered'
  | 'connect-failed'
  | 'connection-error'
  | 'exchange-gone'
  | 'exchange-replaced'
  | 'failures-ignored'
  | 'first-address'
  | 'handler-fails'
  | 'handover-refused'
  | 'headers-removed'
  | 'joins-without-handover'
  | 'message-discarded'
  | 'message-fails'
  | 'message-rejected'
  | 'no-dead-letter-exchange'
  | 'not-recordable'
  | 'other-address'
  | 'outgoing-set-aside'
  | 'publish-stuck'
  | 'rescale-gave'
  | 'rescale-left'
  | 'rescale-stuck'
  | 'rescale-took'
  | 'rescale-waits'
  | 'ring-differs'
  | 'session-ended'
  | 'snapshot-written'
  | 'stopped-in-batch'
  | 'streams-left-out'
  | 'topology-unwatched'
  | 'traces-not-exported'
  | 'unfit-kept'
  | 'unfit-rejected';

/** What a line of the adapter contains besides its message. */
export interface LogDetails {
  readonly code: LogCode;
  readonly [field: string]: unknown;
}

/** Where the adapter reports. The Powertools logger and `console` fit as they are. */
export interface AdapterLog {
  debug(message: string, details: LogDetails): void;
  info(message: string, details: LogDetails): void;
  warn(message: string, details: LogDetails): void;
  error(message: string, details: LogDetails): void;
}

/** A log for any code, with or without details; an AdapterLog fits. */
export interface Log extends AdapterLog {
  debug(message: string, details?: Record<string, unknown>): void;
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}
