import type { ConsumeMessage } from 'amqplib';
import type { BatchResult, OutgoingMessage } from '../../lambda/event/batch-result.js';
import { activeTracer } from '../../tracing/trace-context.js';
import { InvocationSpans } from './invocation-spans.js';
import type { Recordings } from './recordings.js';
import { causeOf, ReportDraft, type UnsignedReport } from './report-draft.js';

/** This many are reported per second, and up to four seconds' worth at once; under load, a sample. */
const PER_SECOND = 5;
const AT_ONCE = 20;
/** Its answer was discarded: it was called only to find out whether the handler works. */
const FORGOTTEN = new Error('its answer was not used');

export interface InvocationWatchOptions {
  readonly queue: string;
  /** The receiver of reports, if there is one. */
  readonly tell?: ((told: UnsignedReport) => void) | undefined;
  readonly recordings?: Recordings | undefined;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Follows one invocation after the other to its end: traces all, passes them to recordings, and reports as many as people can
 * read.
 */
export class InvocationWatch {
  readonly #queue: string;
  readonly #tell: ((told: UnsignedReport) => void) | undefined;
  readonly #recordings: Recordings | undefined;
  readonly #now: () => number;
  #budget = AT_ONCE;
  #budgetAt: number;
  #current: ReportDraft | undefined;
  #spans: InvocationSpans | undefined;
  /** For the recordings, if there are any. */
  #recorded: { readonly deliveries: readonly ConsumeMessage[]; answer?: BatchResult } | undefined;

  constructor({ queue, tell, recordings, now = () => performance.now() }: InvocationWatchOptions) {
    this.#queue = queue;
    this.#tell = tell;
    this.#recordings = recordings;
    this.#now = now;
    this.#budgetAt = now();
  }

  /** The handler is about to be called. An earlier invocation that did not end is forgotten. */
  begins(requestId: string, deliveries: readonly ConsumeMessage[]): void {
    this.end();
    const isUnsignedReport = this.#tell !== undefined && this.#takesFromBudget();
    this.#current = isUnsignedReport ? new ReportDraft(requestId, deliveries, this.#now()) : undefined;
    this.#recordings?.begins(requestId, deliveries);
    this.#recorded = this.#recordings && { deliveries };
    const tracer = activeTracer();
    this.#spans = tracer && new InvocationSpans(tracer, this.#queue, requestId, deliveries);
  }

  /** The current invocation does not end. */
  end(): void {
    this.#current?.written.end();
    this.#current = undefined;
    this.#endSpans(FORGOTTEN);
  }

  /** Calls the handler in the right tracing context. */
  around<Result>(run: () => Result): Result {
    return this.#spans === undefined ? run() : this.#spans.around(run);
  }

  /** The handler has answered, or has not within its time. */
  returned(): void {
    this.#current?.returned(this.#now());
  }

  decided(result: BatchResult, byIdentifier: ReadonlyMap<string, ConsumeMessage>): void {
    this.#current?.decided(result, byIdentifier);
    if (this.#recorded !== undefined) this.#recorded.answer = result;
    for (const { itemIdentifier, reason } of result.batchItemFailures) {
      const delivery = byIdentifier.get(itemIdentifier);
      if (delivery !== undefined) this.#spans?.refused(delivery, reason ?? 'failed, and is tried again');
    }
  }

  /** Outgoing messages, each of which continues the trace of the one it follows from. */
  traced(
    outgoing: readonly OutgoingMessage[],
    byIdentifier: ReadonlyMap<string, ConsumeMessage>,
  ): readonly OutgoingMessage[] {
    return this.#spans?.sending(outgoing, (message) => causeOf(message, byIdentifier)) ?? outgoing;
  }

  confirmed(): void {
    this.#spans?.confirmed();
    this.#current?.confirmed(this.#now());
  }

  settled(): void {
    const { deliveries, answer } = this.#recorded ?? {};
    if (deliveries !== undefined && answer !== undefined) this.#recordings?.settled(deliveries, answer);
    this.#recorded = undefined;
    this.#endSpans();
    this.#end((draft) => draft.report({ settledAt: this.#now() }));
  }

  failed(failure: Error): void {
    this.#recorded = undefined;
    this.#recordings?.failed(failure);
    this.#endSpans(failure);
    this.#end((draft) => draft.report({ failure }));
  }

  #endSpans(failure?: Error): void {
    this.#spans?.end(failure);
    this.#spans = undefined;
  }

  #end(report: (draft: ReportDraft) => UnsignedReport): void {
    if (this.#current === undefined) return;
    this.#tell?.(report(this.#current));
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
