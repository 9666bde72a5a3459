import type { ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/event/batch-result.js';
import { itemIdentifier, queueKey } from '../../lambda/event/rmq-event.js';
import { buildRmqEvent, type RmqEventSource } from '../../lambda/event/rmq-event-builder.js';
import { type InvokedFunction, invoke } from '../../lambda/runtime/invoke.js';
import {
  countReported,
  ignoredReturn,
  parseBatchResult,
  parseOutgoingOnly,
} from '../../lambda/runtime/parse-batch-result.js';
import type { Turn } from '../../lambda/runtime/turns.js';
import type { InvocationWatch } from '../observing/invocation-watch.js';
import type { Invoked } from '../observing/runner-activity.js';

/** Everything that stays the same from one invocation to the next. */
export interface Invoker<Value> extends InvokedFunction<Value> {
  readonly source: RmqEventSource;
  /** Whether the handler may report that some messages failed. AWS ignores that for RabbitMQ. */
  readonly partialFailures: boolean;
  /** Shared by everything that runs in one execution environment. */
  readonly turn: Turn;
  readonly onInvoked: (invoked: Invoked) => void;
  /** Called for each return value without effect, with its kind in words. */
  readonly onIgnoredReturn: (what: string) => void;
  /** Follows each invocation to its end. */
  readonly watch: InvocationWatch;
}

/** A checked result, and the delivery that each identifier refers to. */
export interface Invocation {
  readonly result: BatchResult;
  readonly deliveries: ReadonlyMap<string, ConsumeMessage>;
  /** Failures that the handler reported but that do not count. */
  readonly ignoredFailures: number;
}

/** The fields of a log line that identify its invocation. */
export interface InvocationNames {
  /** `awsRequestId` of the handler's context. */
  readonly requestId: string;
  /** The W3C trace id, if all its messages belong to one trace. */
  readonly traceId?: string;
}

/**
 * Calls the handler with one batch.
 * @throws whatever the handler throws, DeadlineError if it takes too long, InvalidBatchResultError
 */
export async function invokeWith<Value>(
  invoker: Invoker<Value>,
  deliveries: readonly ConsumeMessage[],
  requestId: string,
): Promise<Invocation> {
  const { source, partialFailures, watch } = invoker;
  const key = queueKey(source.queue, source.vhost);
  const byIdentifier = new Map(deliveries.map((delivery, index) => [itemIdentifier(key, index), delivery]));
  const returned = await invoker.turn(() => timed(invoker, deliveries, requestId));
  const ignored = ignoredReturn(returned);
  if (ignored !== undefined) invoker.onIgnoredReturn(ignored);
  const parsed = partialFailures ? parseBatchResult(returned, byIdentifier) : parseOutgoingOnly(returned);
  watch.decided(parsed, byIdentifier);
  const { batchItemFailures } = parsed;
  const result = { batchItemFailures, outgoing: watch.traced(parsed.outgoing, byIdentifier) };
  const ignoredFailures = partialFailures ? 0 : countReported(returned);
  return { result, deliveries: byIdentifier, ignoredFailures };
}

async function timed<Value>(
  invoker: Invoker<Value>,
  deliveries: readonly ConsumeMessage[],
  requestId: string,
): Promise<unknown> {
  const { watch, onInvoked } = invoker;
  const event = buildRmqEvent(invoker.source, deliveries);
  watch.begins(requestId, deliveries);
  const startedAt = performance.now();
  let failed = true;
  try {
    const returned = await watch.around(() => invoke(invoker, event, requestId));
    failed = false;
    return returned;
  } finally {
    onInvoked({ messages: deliveries.length, ms: performance.now() - startedAt, failed });
    watch.returned();
  }
}
