import type { ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/batch-result.js';
import {
  type InvocationItem,
  type InvocationReport,
  LONGEST_TEXT,
  MOST_ITEMS,
  MOST_SENT,
} from '../../partition-status/invocation-report.js';
import { sentAtHeader } from '../../partition-status/sent-at.js';
import { WrittenLines } from './written-lines.js';

/** So many are told of in a second, and as many as four seconds' worth at once: under load a sample. */
const PER_SECOND = 5;
const AT_ONCE = 20;

type Told = Omit<InvocationReport, 'name' | 'queue'>;

/** Follows one invocation after the other to its end, and tells of as many of them as people can read. */
export class InvocationWatch {
  readonly #tell: (told: Told) => void;
  readonly #now: () => number;
  #budget = AT_ONCE;
  #budgetAt: number;
  #current: Watched | undefined;

  /** @param now milliseconds that only grow */
  constructor(tell: (told: Told) => void, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
    this.#budgetAt = now();
  }

  /** The handler is about to be called. One that began before and came to no end is forgotten. */
  begins(requestId: string, deliveries: readonly ConsumeMessage[]): void {
    this.#current?.written.end();
    const isTold = this.#takesFromBudget();
    this.#current = isTold ? new Watched(requestId, deliveries, this.#now()) : undefined;
  }

  /** The handler has answered, or has not within its time. */
  returned(): void {
    this.#current?.returned(this.#now());
  }

  decided(result: BatchResult, byIdentifier: ReadonlyMap<string, ConsumeMessage>): void {
    this.#current?.decided(result, byIdentifier);
  }

  confirmed(): void {
    this.#current?.confirmed(this.#now());
  }

  settled(): void {
    this.#end((watched) => watched.report({ settledAt: this.#now() }));
  }

  failed({ message: error }: Error): void {
    this.#end((watched) => watched.report({ error: error.slice(0, LONGEST_TEXT) }));
  }

  #end(report: (watched: Watched) => Told): void {
    if (this.#current === undefined) return;
    this.#tell(report(this.#current));
    this.#current = undefined;
  }

  #takesFromBudget(): boolean {
    const now = this.#now();
    this.#budget = Math.min(AT_ONCE, this.#budget + ((now - this.#budgetAt) / 1000) * PER_SECOND);
    this.#budgetAt = now;
    if (this.#budget < 1) return false;
    this.#budget--;
    return true;
  }
}

class Watched {
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
    const [only] = this.#deliveries.length === 1 ? this.#deliveries : [];
    for (const { itemIdentifier, messageId } of outgoing) {
      const cause = itemIdentifier === undefined ? only : byIdentifier.get(itemIdentifier);
      if (cause === undefined) continue;
      const ids = this.#sent.get(cause);
      if (ids === undefined) this.#sent.set(cause, [messageId]);
      else if (ids.length < MOST_SENT) ids.push(messageId);
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

  report({ settledAt, error }: { readonly settledAt?: number; readonly error?: string }): Told {
    return {
      requestId: this.#requestId,
      startedAt: this.#startedAt,
      handlerMs: this.#handlerMs,
      ...(this.#confirmedMs !== undefined && { confirmedMs: this.#confirmedMs }),
      ...(settledAt !== undefined && { settledMs: settledAt - this.#start }),
      ...(error !== undefined && { error }),
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
