import type { ConsumeMessage } from 'amqplib';
import type { StoreChange } from '../../state/store.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';

/** A batch, sorted by what was handled before. */
export interface SortedBatch {
  /** To be decided. */
  readonly fresh: readonly ConsumeMessage[];
  /** Handled by an earlier batch: only acknowledged. */
  readonly repeated: readonly ConsumeMessage[];
  /** Copies of a fresh message, which share its verdict. */
  readonly copies: ReadonlyMap<ConsumeMessage, readonly ConsumeMessage[]>;
}

/** What one invocation decided, before it becomes permanent. */
export interface Decided<Value> {
  readonly accepted: readonly ConsumeMessage[];
  readonly changes: readonly StoreChange<Value>[];
  readonly outgoing: readonly EncodedMessage[];
  /** Identities of messages that another queue has handled, and whose keys belong to this queue from now on. */
  readonly handledElsewhere?: readonly string[];
}

/** How a runner remembers which messages may have ended its process. */
export interface CrashJournal {
  /** How often the process ended while it was handling this message. */
  of(delivery: ConsumeMessage): number;
  /** Records that the handler is about to be given these messages: if the process ends now, they may be the reason. */
  suspect(deliveries: readonly ConsumeMessage[]): Promise<void>;
  /** Withdraws that: the process has survived. */
  acquit(): Promise<void>;
  /** Clears these messages of blame: one that was dead-lettered and redriven starts over. */
  forget(deliveries: readonly ConsumeMessage[]): Promise<void>;
}

/** How a runner remembers beyond its process. */
export interface Journal<Value> {
  /** It was created just now, and should hold nothing yet (see young-queues.ts). */
  readonly young: boolean;
  /** Takes ownership and restores the store. Called only when a subscription's first delivery has arrived. */
  recover(): Promise<void>;
  sort(deliveries: readonly ConsumeMessage[]): SortedBatch;
  /**
   * What to publish before the outgoing messages.
   * @throws RecordTooLargeError
   */
  record(decided: Decided<Value>): EncodedMessage | undefined;
  /** The number of bytes of a batch whose record is likely to fit, according to the latest record. */
  readonly mostBatchBytes: number;
  /** The same, ready to be published: many records are made for a decision that is discarded. */
  seal(record: EncodedMessage): EncodedMessage;
  /** Undefined if it cannot know how often the process ended while it was handling a message. */
  readonly crashes?: CrashJournal;
  /**
   * Resolves when this runner is known to own the queue's memory, as of a confirmed record; if there is none, it writes one. To
   * be called before a decided message is acknowledged or rejected, and while nothing that was sent is unconfirmed.
   * @throws ChannelGoneError if another runner has taken over
   */
  proveOwnership(record?: EncodedMessage): Promise<void>;
  /**
   * Whether this runner was known to own the memory a moment ago: no one can have taken over since, so what it decides now
   * counts. If not, nothing that was decided may be sent before `proveOwnership`.
   */
  readonly ownedLately: boolean;
  /** Identities of the newest handled messages, oldest first: at most this share of those that are remembered. */
  newestHandled(share: number): readonly string[];
  /** The record and all outgoing messages are confirmed. */
  confirmed(decided: Decided<Value>, record: EncodedMessage | undefined): void;
  /** Whether a restart would send again what is already confirmed. */
  readonly unmarked: boolean;
  /** Records that everything sent so far is confirmed. For a quiet moment, or the end. */
  markConfirmed(): Promise<void>;
  /** Called after every record, when nothing is staged and nothing is unconfirmed: the moment for a snapshot. */
  tidy(): Promise<void>;
}

/** One batch changed or sends too much for one record; a part of it may fit. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
}

/** Remembers nothing: state lasts as long as the process, and a message that comes again is decided again. */
export function noJournal<Value>(): Journal<Value> {
  return {
    young: false,
    recover: async () => undefined,
    sort: (deliveries) => ({ fresh: deliveries, repeated: [], copies: new Map() }),
    record: () => undefined,
    mostBatchBytes: Number.POSITIVE_INFINITY,
    seal: (record) => record,
    proveOwnership: async () => undefined,
    ownedLately: true,
    newestHandled: () => [],
    confirmed: () => undefined,
    unmarked: false,
    markConfirmed: async () => undefined,
    tidy: async () => undefined,
  };
}
