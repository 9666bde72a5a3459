import type { Logger } from '@aws-lambda-powertools/logger';
import { StagedStore } from '../../state/staged-store.js';
import type { Store } from '../../state/store.js';
import type { BatchItemFailure, BatchResult, OutgoingMessage } from '../event/batch-result.js';
import type { RmqEvent } from '../event/rmq-event.js';
import { decodeRmqEvent, type RmqRecord } from '../event/rmq-records.js';
import type { HandlerContext, QueueHandler } from '../runtime/handler.js';
import { oneAtATime } from '../runtime/turns.js';
import { lambdaFunction } from './lambda-function.js';
import { adapterLog, createLogger, underLambda } from './logger.js';
import { createSender } from './publishing.js';

/** The decision about one message: what it leads to, or why it is rejected for good. */
export type ItemOutcome =
  | { readonly outgoing: readonly OutgoingMessage[] }
  | { readonly rejected: string; readonly problems?: unknown };

/**
 * Decides about one message, synchronously or with a promise. Messages are decided one after the other, in the order of the
 * batch, and each sees what the previous ones changed in the store.
 */
export type DecideItem<Value> = (record: RmqRecord, store: Store<Value>) => ItemOutcome | Promise<ItemOutcome>;

/**
 * Makes a Lambda handler for RabbitMQ from a decision about one message. If a decision throws or rejects, the whole batch fails,
 * and the store is rolled back. Code that is still running after the function has timed out can no longer change the store: every
 * use of it throws. The poller sends the returned messages; nothing does if the function is invoked by hand. On Lambda itself
 * this function sends them to the broker in AMQP_URL, and fails the batch if that fails; Lambda then retries the batch, with the
 * same ids.
 * @example
 * import { queueFunction } from 'smart-shopping/queue-function';
 * declare function isKnown(customer: string): Promise<boolean>;
 * export const handler = queueFunction<number>('till', async ({ json }, store) => {
 *   const { customer, amount } = json as { customer: string; amount: number };
 *   if (!(await isKnown(customer))) return { rejected: 'unknown customer' };
 *   store.set(customer, (store.get(customer) ?? 0) + amount);
 *   return { outgoing: [] };
 * });
 */
export function queueFunction<Value>(serviceName: string, decideItem: DecideItem<Value>): QueueHandler<Value> {
  const log = createLogger(serviceName);
  const ownMemory = new QueueMemory<Value>();
  const publish = underLambda() ? publishOnLambda(serviceName, log) : undefined;
  const turn = oneAtATime();
  const decideBatch = async (event: RmqEvent, context: Partial<HandlerContext<Value>>): Promise<BatchResult> => {
    const records = decodeRmqEvent(event);
    if (context.store !== undefined) return decideAll(records, () => context.store as Store<Value>, decideItem, log);
    // There is no other invocation between a decision and its commit.
    return turn(() => ownMemory.transaction((storeOf) => decideAll(records, storeOf, decideItem, log), publish));
  };
  return lambdaFunction(log, decideBatch);
}

function publishOnLambda(serviceName: string, log: Logger): (result: BatchResult) => Promise<void> {
  const { AMQP_URL: amqpUrl } = process.env;
  const sender = amqpUrl ? createSender({ amqpUrl, name: serviceName, log: adapterLog(log) }) : undefined;
  return async ({ outgoing, batchItemFailures }) => {
    // Lambda acknowledges whatever it has delivered: nothing moves these messages to a dead-letter queue.
    for (const { itemIdentifier, reason } of batchItemFailures)
      log.error('refused for good', { itemIdentifier, reason });
    if (outgoing.length === 0) return;
    if (sender === undefined) throw new Error('AMQP_URL names no broker to send messages to: set it for this function');
    await sender.publish(outgoing);
  };
}

async function decideAll<Value>(
  records: readonly RmqRecord[],
  storeOf: (queue: string) => Store<Value>,
  decideItem: DecideItem<Value>,
  log: Logger,
): Promise<BatchResult> {
  const batchItemFailures: BatchItemFailure[] = [];
  const outgoing: OutgoingMessage[] = [];
  for (const record of records) {
    const decided = decideItem(record, storeOf(record.queue));
    // A decision that is not a promise is used without waiting.
    const outcome = 'then' in decided ? await decided : decided;
    if ('outgoing' in outcome) {
      const { itemIdentifier } = record;
      // Spreads come last, so that all of these objects share one hidden class.
      for (const message of outcome.outgoing) outgoing.push({ itemIdentifier, ...message });
      continue;
    }
    const { rejected: reason, problems } = outcome;
    batchItemFailures.push({ itemIdentifier: record.itemIdentifier, reason });
    if (problems !== undefined) log.info(reason, { queue: record.queue, messageId: record.messageId, problems });
  }
  return { batchItemFailures, outgoing };
}

/** A memory per queue if the caller provides none: on Lambda itself, or when invoked by hand. It lasts as long as the process. */
class QueueMemory<Value> {
  readonly #stores = new Map<string, StagedStore<Value>>();

  async transaction(
    decide: (storeOf: (queue: string) => Store<Value>) => Promise<BatchResult>,
    publish: ((result: BatchResult) => Promise<void>) | undefined,
  ): Promise<BatchResult> {
    try {
      const result = await decide((queue) => this.#storeOf(queue));
      if (publish !== undefined) await publish(result);
      for (const store of this.#stores.values()) store.commit();
      return result;
    } catch (error) {
      for (const store of this.#stores.values()) store.rollback();
      throw error;
    }
  }

  #storeOf(queue: string): StagedStore<Value> {
    const store = this.#stores.get(queue) ?? new StagedStore<Value>();
    this.#stores.set(queue, store);
    return store;
  }
}
