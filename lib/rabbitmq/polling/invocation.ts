import { randomBytes, randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/batch-result.js';
import type { HandlerContext, QueueHandler } from '../../lambda/handler.js';
import { countReported, parseBatchResult, parseOutgoingOnly } from '../../lambda/parse-batch-result.js';
import { itemIdentifier, queueKey } from '../../lambda/rmq-event.js';
import { buildRmqEvent, type RmqEventSource } from '../../lambda/rmq-event-builder.js';
import { leaseStore } from '../../state/leased-store.js';
import type { Store } from '../../state/store.js';
import { within } from '../connection/deadline.js';

/** Everything that stays the same from one invocation to the next. */
export interface Invoker<Value> {
  readonly source: RmqEventSource;
  readonly handler: QueueHandler<Value>;
  readonly functionName: string;
  readonly timeoutMs: number;
  readonly store: Store<Value>;
  /** Whether the handler may say that some messages failed. AWS takes no notice for RabbitMQ. */
  readonly partialFailures: boolean;
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
  { source, handler, functionName, timeoutMs, store, partialFailures }: Invoker<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<Invocation> {
  const key = queueKey(source.queue, source.vhost);
  const byIdentifier = new Map(deliveries.map((delivery, index) => [itemIdentifier(key, index), delivery]));
  const lease = leaseStore(store);
  process.env['_X_AMZN_TRACE_ID'] = traceId();
  try {
    const context = createContext(functionName, timeoutMs, lease.store);
    const returned = await within(timeoutMs, call(handler, buildRmqEvent(source, deliveries), context));
    const result = partialFailures ? parseBatchResult(returned, byIdentifier) : parseOutgoingOnly(returned);
    const ignoredFailures = partialFailures ? 0 : countReported(returned);
    return { result, deliveries: byIdentifier, ignoredFailures };
  } finally {
    lease.end();
  }
}

/** `async`, so that a handler that throws before its first await rejects like any other. */
async function call<Value>(
  handler: QueueHandler<Value>,
  ...[event, context]: Parameters<QueueHandler<Value>>
): Promise<unknown> {
  return handler(event, context);
}

function createContext<Value>(functionName: string, timeoutMs: number, store: Store<Value>): HandlerContext<Value> {
  const endsAt = performance.now() + timeoutMs;
  return {
    store,
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '1024',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: functionName,
    callbackWaitsForEmptyEventLoop: true,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

/** As X-Ray names a trace; the Powertools logger buffers its lines per trace. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
