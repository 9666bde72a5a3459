import type { ConsumeMessage } from 'amqplib';
import { backoffDelay, pause } from './backoff.js';
import { type Deciding, type Decision, decide, type Rejection } from './decision.js';
import type { SortedBatch } from './journal.js';
import type { Poller } from './poller.js';
import { type Publishing, publishUntilConfirmed } from './publish-until-confirmed.js';

/** What became of one batch, for whoever watches. */
export interface BatchReport {
  readonly messages: number;
  /** Acknowledged after the handler accepted them, copies included. */
  readonly accepted: number;
  /** Acknowledged because an earlier batch had handled them. */
  readonly repeated: number;
  readonly rejected: readonly { readonly messageId: string | undefined; readonly reason: string }[];
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

export interface Settling<Value> extends Deciding<Value>, Publishing {
  readonly poller: Poller;
  /** How often the handler is asked about the same batch before its messages are tried one by one. */
  readonly attempts: number;
}

/**
 * Brings one batch to its end: every message of it is acknowledged or rejected.
 *
 * The handler is asked about all fresh messages at once. If it throws, again after a wait, up to the limit; then about
 * each message alone, and one that still makes it throw is rejected. A decision is made permanent as a whole before
 * any of its messages is acknowledged: record and outgoing published, all confirmed, store committed.
 *
 * @throws ChannelGoneError, or the last failure once the signal has aborted; what was not acknowledged comes again.
 */
export async function settleBatch<Value>(
  settling: Settling<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<BatchReport> {
  const { fresh, repeated, copies } = settling.journal.sort(deliveries);
  const batch = new OpenBatch(settling, copies, deliveries);
  batch.acknowledge(repeated);
  await batch.settle(fresh, 1);
  const settled = deliveries.map((delivery) => batch.verdictOn(delivery));
  return { ...batch.report(), messages: deliveries.length, repeated: repeated.length, settled };
}

class OpenBatch<Value> {
  readonly #settling: Settling<Value>;
  readonly #copies: SortedBatch['copies'];
  readonly #open: Set<ConsumeMessage>;
  readonly #rejected: BatchReport['rejected'][number][] = [];
  readonly #decided = new Map<ConsumeMessage, SettledMessage>();
  #accepted = 0;
  #outgoing = 0;

  constructor(settling: Settling<Value>, copies: SortedBatch['copies'], deliveries: readonly ConsumeMessage[]) {
    this.#settling = settling;
    this.#copies = copies;
    this.#open = new Set(deliveries);
  }

  report(): Pick<BatchReport, 'accepted' | 'rejected' | 'outgoing'> {
    return { accepted: this.#accepted, rejected: this.#rejected, outgoing: this.#outgoing };
  }

  /** What was never decided anew had been handled before. */
  verdictOn(delivery: ConsumeMessage): SettledMessage {
    return this.#decided.get(delivery) ?? { delivery, verdict: 'repeated' };
  }

  async settle(deliveries: readonly ConsumeMessage[], firstAttempt: number): Promise<void> {
    let pending = deliveries;
    for (let attempt = firstAttempt; pending.length > 0; attempt++) {
      const decision = await decide(this.#settling, pending);
      const last = attempt >= this.#settling.attempts;
      if (decision.kind === 'decided') {
        pending = await this.#conclude(decision, last);
        if (pending.length > 0) await this.#wait(attempt, new Error('messages failed without a reason'));
      } else if (decision.kind === 'too large' && pending.length > 1) {
        const half = Math.ceil(pending.length / 2);
        await this.settle(pending.slice(0, half), attempt);
        pending = pending.slice(half);
      } else if (!last && decision.kind === 'failed') {
        await this.#wait(attempt, decision.error);
      } else if (pending.length > 1) {
        for (const delivery of pending) await this.settle([delivery], attempt);
        return;
      } else {
        this.#reject(pending.map((delivery) => ({ delivery, reason: decision.error.message })));
        return;
      }
    }
  }

  acknowledge(deliveries: readonly ConsumeMessage[]): void {
    if (deliveries.length === 0) return;
    for (const delivery of deliveries) this.#open.delete(delivery);
    this.#settling.poller.acknowledge(deliveries, this.#open.size === 0);
  }

  /** Acts on a decision; gives the messages to be tried again. */
  async #conclude(
    { decided, record, rejected, retry }: Extract<Decision<Value>, { kind: 'decided' }>,
    last: boolean,
  ): Promise<readonly ConsumeMessage[]> {
    const { journal, store, onStep } = this.#settling;
    const { outgoing, accepted } = decided;
    await publishUntilConfirmed(this.#settling, record === undefined ? outgoing : [record, ...outgoing]);
    onStep('confirmed');
    store.commit();
    journal.confirmed(decided, record);
    onStep('committed');
    this.#outgoing += outgoing.length;
    this.#reject(rejected);
    if (last) this.#reject(retry.map((delivery) => ({ delivery, reason: 'failed without a reason, every time' })));
    for (const delivery of accepted) this.#decided.set(delivery, { delivery, verdict: 'accepted' });
    const acknowledged = this.#withCopies(accepted);
    this.#accepted += acknowledged.length;
    this.acknowledge(acknowledged);
    onStep('acknowledged');
    await journal.tidy();
    return last ? [] : retry;
  }

  #reject(rejections: readonly Rejection[]): void {
    for (const { delivery, reason } of rejections) {
      for (const copy of this.#withCopies([delivery])) {
        const messageId: string | undefined = copy.properties.messageId;
        this.#settling.log.info('message rejected', { messageId, reason });
        this.#rejected.push({ messageId, reason });
        this.#decided.set(copy, { delivery: copy, verdict: 'rejected', reason });
        this.#open.delete(copy);
        this.#settling.poller.reject(copy);
      }
    }
  }

  #withCopies(deliveries: readonly ConsumeMessage[]): readonly ConsumeMessage[] {
    if (this.#copies.size === 0) return deliveries;
    return deliveries
      .flatMap((delivery) => [delivery, ...(this.#copies.get(delivery) ?? [])])
      .sort((one, other) => one.fields.deliveryTag - other.fields.deliveryTag);
  }

  async #wait(attempt: number, error: Error): Promise<void> {
    const { log, backoff, signal } = this.#settling;
    if (signal.aborted) throw error;
    log.error('the handler failed; trying again', { attempt, error });
    await pause(backoffDelay(attempt - 1, backoff), signal);
    if (signal.aborted) throw error;
  }
}
