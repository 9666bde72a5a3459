import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { StagedStore } from '../../state/staged-store.js';
import { TRACEPARENT, traceIdOf } from '../../tracing/trace-context.js';
import { type Decided, type Journal, RecordTooLargeError } from '../changelog/journal.js';
import { ChannelGoneError } from '../connection/channel.js';
import type { AdapterLog } from '../log.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { Exchanges } from '../publishing/exchanges.js';
import { encodeOutgoing } from '../publishing/outgoing.js';
import type { OnStep } from '../steps.js';
import { type InvocationNames, type Invoker, invokeWith } from './invocation.js';

export interface Rejection {
  readonly delivery: ConsumeMessage;
  readonly reason: string;
}

/** The handler's decision about some deliveries, checked and encoded but not yet acted on. */
export type Decision<Value> =
  | {
      readonly kind: 'decided';
      readonly decided: Decided<Value>;
      readonly record: EncodedMessage | undefined;
      readonly rejected: readonly Rejection[];
      /** To be tried again: failed without a reason, or refused where nothing may be rejected. */
      readonly retry: readonly ConsumeMessage[];
      /** Why the first of them is tried again, if the handler gave a reason. */
      readonly why: string | undefined;
      readonly invocation: InvocationNames;
    }
  | { readonly kind: 'failed'; readonly error: Error; readonly invocation: InvocationNames }
  | { readonly kind: 'too large'; readonly error: Error; readonly invocation: InvocationNames };

export interface DecideContext<Value> {
  readonly invoker: Invoker<Value>;
  readonly store: StagedStore<Value>;
  readonly journal: Journal<Value>;
  readonly exchanges: Exchanges;
  readonly appId: string;
  /** A rejected message would be destroyed, which is not allowed: refused messages are tried again instead. */
  readonly keeps: boolean;
  readonly log: AdapterLog;
  readonly onStep: OnStep;
}

/**
 * Calls the handler with some deliveries. Everything that can be wrong with its answer is found here, before anything is written;
 * the store is then rolled back.
 * @throws ChannelGoneError
 */
export async function decide<Value>(
  deciding: DecideContext<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<Decision<Value>> {
  const invocation = newNames(deliveries);
  try {
    const decision = await answer(deciding, deliveries, invocation);
    if (decision.decided.accepted.length < deliveries.length) await deciding.journal.crashes?.acquit();
    return decision;
  } catch (error) {
    deciding.store.rollback();
    await deciding.journal.crashes?.acquit();
    if (error instanceof ChannelGoneError) throw error;
    const failure = error instanceof Error ? error : new Error(String(error));
    deciding.invoker.watch.failed(failure);
    return { kind: failure instanceof RecordTooLargeError ? 'too large' : 'failed', error: failure, invocation };
  }
}

function newNames(deliveries: readonly ConsumeMessage[]): InvocationNames {
  const traces = new Set(deliveries.map(({ properties }) => traceIdOf(properties.headers?.[TRACEPARENT])));
  const [traceId] = traces;
  return { requestId: randomUUID(), ...(traces.size === 1 && traceId !== undefined && { traceId }) };
}

async function answer<Value>(
  { invoker, store, journal, exchanges, appId, keeps, log, onStep }: DecideContext<Value>,
  deliveries: readonly ConsumeMessage[],
  invocation: InvocationNames,
): Promise<Extract<Decision<Value>, { kind: 'decided' }>> {
  const {
    result,
    deliveries: byIdentifier,
    ignoredFailures,
  } = await invokeWith(invoker, deliveries, invocation.requestId);
  if (ignoredFailures > 0) {
    log.warn('batchItemFailures has no effect, as on AWS: these messages count as handled', {
      code: 'failures-ignored',
      ignoredFailures,
      ...invocation,
    });
  }
  onStep('decided');
  const timestamp = Math.floor(Date.now() / 1000);
  const outgoing = encodeOutgoing(result.outgoing, { appId, timestamp });
  await exchanges.mustExist(new Set(outgoing.map(({ exchange }) => exchange)));

  const rejected: Rejection[] = [];
  const retry: ConsumeMessage[] = [];
  let why: string | undefined;
  for (const { itemIdentifier, reason } of result.batchItemFailures) {
    const delivery = byIdentifier.get(itemIdentifier) as ConsumeMessage;
    if (reason !== undefined && !keeps) {
      rejected.push({ delivery, reason });
    } else {
      why ??= reason;
      retry.push(delivery);
    }
  }
  const failed = new Set([...retry, ...rejected.map(({ delivery }) => delivery)]);
  const accepted = failed.size === 0 ? deliveries : deliveries.filter((delivery) => !failed.has(delivery));
  const decided = { accepted, changes: store.changes(), outgoing };
  const record = journal.record(decided);
  onStep('encoded');
  return { kind: 'decided', decided, record, rejected, retry, why, invocation };
}
