import type { ConsumeMessage } from 'amqplib';
import { TRACEPARENT, traceIdOf } from '../../tracing/trace-context.js';
import type { SortedBatch } from '../changelog/journal.js';
import { makePermanent } from '../changelog/make-permanent.js';
import type { Connection } from '../connection/connection.js';
import type { Poller } from '../consuming/poller.js';
import type { BatchReport, SettledMessage } from '../observing/batch-report.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import { publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { Publisher } from '../publishing/publisher.js';
import type { DeadLetterAddress } from '../topology/queue-traits.js';
import { backTo, type CleanCopy, cleanCopyOf, deadLettered } from './clean-copy.js';
import type { DecideContext, Decision, Rejection } from './decision.js';
import { Evidence } from './evidence.js';
import { logReasons, type ReasonsContext } from './log-reasons.js';

const DISCARDED = 'a message was rejected and is gone: AMQP shows no dead-letter exchange for the queue';

interface FatalRejection extends Rejection {
  readonly clean: CleanCopy;
}

export interface BatchContext<Value> extends DecideContext<Value>, ReasonsContext {
  readonly connection: Connection;
  readonly poller: Poller;
  /** Rejected messages are gone, as far as AMQP shows. */
  readonly discards: boolean;
  /** Where rejected messages go, as far as AMQP shows. */
  readonly deadLetterTo: DeadLetterAddress | undefined;
  readonly confirmTimeoutMs: number;
}

/** A batch being settled: acts on decisions, and knows which of its messages still wait for one. */
export class OpenBatch<Value> {
  readonly evidence = new Evidence();
  readonly #acting: BatchContext<Value>;
  readonly #deliveries: readonly ConsumeMessage[];
  readonly #copies: SortedBatch['copies'];
  readonly #open: Set<ConsumeMessage>;
  readonly #settled = new Map<ConsumeMessage, SettledMessage>();
  readonly #rejected: BatchReport['rejected'][number][] = [];
  #accepted = 0;
  #repeated = 0;
  #outgoing = 0;

  constructor(acting: BatchContext<Value>, deliveries: readonly ConsumeMessage[], copies: SortedBatch['copies']) {
    this.#acting = acting;
    this.#deliveries = deliveries;
    this.#copies = copies;
    this.#open = new Set(deliveries);
  }

  /** Messages that go back to the queue when the subscription ends. */
  get unsettled(): number {
    return this.#open.size;
  }

  report(): BatchReport {
    const settled = this.#deliveries.flatMap((delivery) => this.#settled.get(delivery) ?? []);
    return {
      messages: settled.length,
      accepted: this.#accepted,
      repeated: this.#repeated,
      rejected: this.#rejected,
      discards: this.#acting.discards,
      outgoing: this.#outgoing,
      settled,
    };
  }

  /** Handled by an earlier batch. */
  skip(deliveries: readonly ConsumeMessage[]): void {
    for (const delivery of deliveries) this.#settled.set(delivery, { delivery, verdict: 'repeated' });
    this.#repeated += deliveries.length;
    this.#acknowledge(deliveries);
  }

  /** Makes a decision permanent as a whole, and only then acknowledges. Messages to be tried again stay open. */
  async conclude({ decided, record, rejected }: Extract<Decision<Value>, { kind: 'decided' }>): Promise<void> {
    const { journal, onStep, invoker } = this.#acting;
    const { outgoing, accepted } = decided;
    await makePermanent(this.#acting, decided, record, () => invoker.watch.confirmed());
    this.#outgoing += outgoing.length;
    if (record === undefined) await this.reject(rejected);
    else await this.#rejectAsOwner(rejected);
    const all = this.#withCopies(accepted);
    for (const delivery of all) this.#settled.set(delivery, { delivery, verdict: 'repeated' });
    for (const delivery of accepted) this.#settled.set(delivery, { delivery, verdict: 'accepted' });
    this.#accepted += all.length;
    this.#acknowledge(all);
    onStep('acknowledged');
    invoker.watch.settled();
    await journal.tidy();
  }

  /** Makes the broker dead-letter messages, to where the queue says, after the reason was recorded. */
  async reject(rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return;
    await this.#acting.journal.proveOwnership();
    await this.#rejectAsOwner(rejections);
  }

  async #rejectAsOwner(rejections: readonly Rejection[]): Promise<void> {
    const all = rejections.flatMap(({ delivery, reason }) =>
      this.#withCopies([delivery]).map((copy) => ({ delivery: copy, reason })),
    );
    await logReasons(this.#acting, this.#acting.invoker.source.queue, all);
    const fatal: FatalRejection[] = [];
    for (const rejection of all) {
      const clean = cleanCopyOf(rejection.delivery, this.#acting.connection.mostPropertyBytes);
      if (clean !== undefined) fatal.push({ ...rejection, clean });
      else {
        this.#reject(rejection);
        this.#acting.poller.reject(rejection.delivery);
      }
    }
    if (fatal.length > 0) await this.#replace(fatal);
  }

  /** Replaces messages that RabbitMQ could not dead-letter by copies: dead-lettered, or else sent to the queue again. */
  async #replace(fatal: readonly FatalRejection[]): Promise<void> {
    const { invoker, log, poller } = this.#acting;
    for (const { delivery, clean } of fatal) {
      log.warn('RabbitMQ could not dead-letter a message: a copy without these headers takes its place', {
        code: 'headers-removed',
        messageId: delivery.properties.messageId,
        headers: clean.names,
      });
    }
    const sent = await this.#deadLetter(fatal);
    for (const rejection of sent) {
      this.#reject(rejection);
      poller.acknowledge([rejection.delivery]);
    }
    const again = fatal.filter((rejection) => !sent.has(rejection));
    const copies = again.map(({ delivery, clean }) => backTo(invoker.source.queue, delivery, clean));
    await publishUntilConfirmed(this.#acting, copies);
    this.skip(again.map(({ delivery }) => delivery));
  }

  #reject({ delivery, reason }: Rejection): void {
    const { headers } = delivery.properties;
    const messageId: string | undefined = delivery.properties.messageId;
    const traceId = traceIdOf(headers?.[TRACEPARENT]);
    const details = { messageId, reason, ...(traceId !== undefined && { traceId }) };
    if (this.#acting.discards) this.#acting.log.error(DISCARDED, { code: 'message-discarded', ...details });
    else this.#acting.log.info('message rejected', { code: 'message-rejected', ...details });
    this.#rejected.push({ messageId, reason });
    this.#settled.set(delivery, { delivery, verdict: 'rejected', reason });
    this.#open.delete(delivery);
  }

  /**
   * Sends copies to the dead-letter exchange, in RabbitMQ's place. Returns those that it accepted: none if the exchange cannot be
   * seen. The others must go to the queue again, for RabbitMQ to dead-letter.
   */
  async #deadLetter(fatal: readonly FatalRejection[]): Promise<ReadonlySet<FatalRejection>> {
    const { connection, confirmTimeoutMs, deadLetterTo, invoker } = this.#acting;
    if (deadLetterTo === undefined) return new Set();
    const byCopy = new Map<EncodedMessage, FatalRejection>();
    for (const rejection of fatal) {
      const copy = deadLettered(invoker.source.queue, rejection.delivery, rejection.clean, deadLetterTo);
      if (copy.wire.length <= connection.mostPropertyBytes) byCopy.set(copy, rejection);
    }
    // A refusal ends the channel that it comes on.
    const publisher = await Publisher.open(connection, confirmTimeoutMs);
    for (const { sent } of await publisher.publishAll([...byCopy.keys()])) byCopy.delete(sent);
    await publisher.close();
    return new Set(byCopy.values());
  }

  #acknowledge(deliveries: readonly ConsumeMessage[]): void {
    for (const delivery of deliveries) this.#open.delete(delivery);
    this.#acting.poller.acknowledge(deliveries);
  }

  #withCopies(deliveries: readonly ConsumeMessage[]): readonly ConsumeMessage[] {
    if (this.#copies.size === 0) return deliveries;
    return deliveries
      .flatMap((delivery) => [delivery, ...(this.#copies.get(delivery) ?? [])])
      .sort((one, other) => one.fields.deliveryTag - other.fields.deliveryTag);
  }
}
