import type { ConsumeMessage } from 'amqplib';

/** What became of one batch, for whoever watches. */
export interface BatchReport {
  readonly messages: number;
  /** Acknowledged after the handler accepted them, copies included. */
  readonly accepted: number;
  /** Acknowledged because an earlier batch had handled them. */
  readonly repeated: number;
  readonly rejected: readonly { readonly messageId: string | undefined; readonly reason: string }[];
  /** The queue has no dead-letter exchange that can be seen: unless a policy names one, what was rejected is gone. */
  readonly discards: boolean;
  readonly outgoing: number;
  /** Every message, in order of arrival. */
  readonly settled: readonly SettledMessage[];
}

/** One message and what became of it; `reason` is there where it was rejected. */
export interface SettledMessage {
  readonly delivery: ConsumeMessage;
  readonly verdict: 'accepted' | 'repeated' | 'rejected';
  readonly reason?: string;
}
