import { randomBytes, randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/event/batch-result.js';
import { itemIdentifier, queueKey, type RmqEvent } from '../../lambda/event/rmq-event.js';
import { buildRmqEvent, type RmqEventSource } from '../../lambda/event/rmq-event-builder.js';
import { type AnyHandler, callHandler } from '../../lambda/runtime/call-handler.js';
import type { FunctionIdentity } from '../../lambda/runtime/function-identity.js';
import type { QueueHandler } from '../../lambda/runtime/handler.js';
import { invocationContext } from '../../lambda/runtime/invocation-context.js';
import {
  countReported,
  ignoredReturn,
  parseBatchResult,
  parseOutgoingOnly,
} from '../../lambda/runtime/parse-batch-result.js';
import type { Turn } from '../../lambda/runtime/turns.js';
import { leaseStore } from '../../state/leased-store.js';
import type { Store } from '../../state/store.js';
import { within } from '../connection/deadline.js';
import type { InvocationWatch } from '../observing/invocation-watch.js';
import type { Invoked } from '../observing/runner-activity.js';

/** Everything that stays the same from one invocation to the next. */
export interface Invoker<Value> {
  readonly source: RmqEventSource;
  readonly handler: QueueHandler<Value>;
  readonly identity: FunctionIdentity;
  readonly timeoutMs: number;
  /** Whether nothing is ended for having taken too long, at this moment. */
  readonly untimed: () => boolean;
  readonly store: Store<Value>;
  /** Whether the handler may say that some messages failed. AWS takes no notice for RabbitMQ. */
  readonly partialFailures: boolean;
  /** Shared by all that run in one execution environment. */
  readonly turn: Turn;
  readonly onInvoked: (invoked: Invoked) => void;
  /** Told of each return that counts for nothing, in words. */
  readonly onIgnoredReturn: (what: string) => void;
  /** Follows each invocation to its end. */
  readonly watch: InvocationWatch;
}

/** A checked result, and the delivery that each identifier names. */
export interface Invocation {
  readonly result: BatchResult;
  readonly deliveries: ReadonlyMap<string, ConsumeMessage>;
  /** Failures that the handler reported and that do not count. */
  readonly ignoredFailures: number;
}

/**
 * Calls the handler with one batch.
 * @throws whatever the handler throws, DeadlineError when it takes too long, InvalidBatchResultError.
 */
export async function invoke<Value>(
  invoker: Invoker<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<Invocation> {
  const { source, partialFailures, watch } = invoker;
  const key = queueKey(source.queue, source.vhost);
  const byIdentifier = new Map(deliveries.map((delivery, index) => [itemIdentifier(key, index), delivery]));
  const returned = await invoker.turn(() => timed(invoker, deliveries));
  const ignored = ignoredReturn(returned);
  if (ignored !== undefined) invoker.onIgnoredReturn(ignored);
  const parsed = partialFailures ? parseBatchResult(returned, byIdentifier) : parseOutgoingOnly(returned);
  const result = watch.decided(parsed, byIdentifier);
  const ignoredFailures = partialFailures ? 0 : countReported(returned);
  return { result, deliveries: byIdentifier, ignoredFailures };
}

async function timed<Value>(invoker: Invoker<Value>, deliveries: readonly ConsumeMessage[]): Promise<unknown> {
  const event = buildRmqEvent(invoker.source, deliveries);
  const requestId = randomUUID();
  invoker.watch.begins(requestId, deliveries);
  const startedAt = performance.now();
  let failed = true;
  try {
    const returned = await invoker.watch.around(() => answerTo(invoker, event, requestId));
    failed = false;
    return returned;
  } finally {
    invoker.onInvoked({ messages: deliveries.length, ms: performance.now() - startedAt, failed });
    invoker.watch.returned();
  }
}

async function answerTo<Value>(invoker: Invoker<Value>, event: RmqEvent, requestId: string): Promise<unknown> {
  const { handler, identity, timeoutMs, untimed, store } = invoker;
  const lease = leaseStore(store);
  process.env['_X_AMZN_TRACE_ID'] = traceId();
  try {
    const context = { ...invocationContext(identity, timeoutMs, requestId), store: lease.store };
    const answer = callHandler(handler as unknown as AnyHandler, event, context);
    return await (untimed() ? answer : within(timeoutMs, answer));
  } finally {
    lease.end();
  }
}

/** As X-Ray names a trace; the Powertools logger buffers its lines per trace. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
