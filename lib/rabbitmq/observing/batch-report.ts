import type { ConsumeMessage } from 'amqplib';

/** The outcome of one batch, for observers. */
export interface BatchReport {
  readonly messages: number;
  /** Acknowledged after the handler accepted them, copies included. */
  readonly accepted: number;
  /** Acknowledged because an earlier batch had handled them. */
  readonly repeated: number;
  readonly rejected: readonly { readonly messageId: string | undefined; readonly reason: string }[];
  /** AMQP shows no dead-letter exchange for the queue: unless a policy names one, rejected messages are gone. */
  readonly discards: boolean;
  readonly outgoing: number;
  /** Every message, in order of arrival. */
  readonly settled: readonly SettledMessage[];
}

/** One message and its outcome; `reason` is set if it was rejected. */
export interface SettledMessage {
  readonly delivery: ConsumeMessage;
  readonly verdict: 'accepted' | 'repeated' | 'rejected';
  readonly reason?: string;
}
