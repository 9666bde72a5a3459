import type { ConsumeMessage } from 'amqplib';
import type { BatchResult, OutgoingMessage } from '../../lambda/event/batch-result.js';
import {
  LONGEST_ID,
  LONGEST_STACK,
  LONGEST_TEXT,
  MOST_ITEMS,
  MOST_SENT,
} from '../../runner-status/invocation-report.js';
import type { InvocationItem, InvocationReport } from '../../runner-status/read-invocation-report.js';
import { sentAtHeader } from '../../runner-status/sent-at.js';
import { WrittenLines } from './written-lines.js';

/** A report that does not say yet who reports. */
export type UnsignedReport = Omit<InvocationReport, 'name' | 'queue'>;

/** The message that another one follows from: the one that the handler names, or the only one there is. */
export function causeOf(
  { itemIdentifier }: OutgoingMessage,
  byIdentifier: ReadonlyMap<string, ConsumeMessage>,
): ConsumeMessage | undefined {
  if (itemIdentifier !== undefined) return byIdentifier.get(itemIdentifier);
  return byIdentifier.size === 1 ? byIdentifier.values().next().value : undefined;
}

/** What is known about an invocation in progress. */
export class ReportDraft {
  readonly #requestId: string;
  readonly #deliveries: readonly ConsumeMessage[];
  readonly #startedAt = Date.now();
  readonly #start: number;
  readonly written = WrittenLines.begin();
  #handlerMs = 0;
  #lines: ReturnType<WrittenLines['end']> = { lines: [], linesLeftOff: 0 };
  #confirmedMs: number | undefined;
  readonly #sent = new Map<ConsumeMessage, string[]>();
  readonly #failures = new Map<ConsumeMessage, Pick<InvocationItem, 'rejected' | 'retried'>>();

  constructor(requestId: string, deliveries: readonly ConsumeMessage[], start: number) {
    this.#requestId = requestId;
    this.#deliveries = deliveries;
    this.#start = start;
  }

  returned(now: number): void {
    this.#handlerMs = now - this.#start;
    this.#lines = this.written.end();
  }

  decided({ outgoing, batchItemFailures }: BatchResult, byIdentifier: ReadonlyMap<string, ConsumeMessage>): void {
    for (const message of outgoing) {
      const cause = causeOf(message, byIdentifier);
      if (cause === undefined) continue;
      // An id that is too long for AMQP is refused later, and the refusal is reported.
      const id = message.messageId.slice(0, LONGEST_ID);
      const ids = this.#sent.get(cause);
      if (ids === undefined) this.#sent.set(cause, [id]);
      else if (ids.length < MOST_SENT) ids.push(id);
    }
    for (const { itemIdentifier, reason } of batchItemFailures) {
      const delivery = byIdentifier.get(itemIdentifier);
      if (delivery === undefined) continue;
      this.#failures.set(
        delivery,
        reason === undefined ? { retried: true } : { rejected: reason.slice(0, LONGEST_TEXT) },
      );
    }
  }

  confirmed(now: number): void {
    this.#confirmedMs = now - this.#start;
  }

  report({ settledAt, failure }: { readonly settledAt?: number; readonly failure?: Error }): UnsignedReport {
    return {
      requestId: this.#requestId,
      startedAt: this.#startedAt,
      handlerMs: this.#handlerMs,
      ...(this.#confirmedMs !== undefined && { confirmedMs: this.#confirmedMs }),
      ...(settledAt !== undefined && { settledMs: settledAt - this.#start }),
      ...(failure !== undefined && { error: failure.message.slice(0, LONGEST_TEXT) }),
      ...(failure?.stack !== undefined && { stack: failure.stack.slice(0, LONGEST_STACK) }),
      messages: this.#deliveries.length,
      items: this.#deliveries.slice(0, MOST_ITEMS).map((delivery) => this.#item(delivery)),
      ...this.#lines,
    };
  }

  #item(delivery: ConsumeMessage): InvocationItem {
    const { messageId, headers } = delivery.properties;
    const sentAt = sentAtHeader(headers);
    return {
      ...(typeof messageId === 'string' && messageId !== '' && { messageId }),
      ...(sentAt !== undefined && { sentAt }),
      sent: this.#sent.get(delivery) ?? [],
      ...this.#failures.get(delivery),
    };
  }
}
