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

/** What becomes of one message: what it leads to, or why it is refused for good. */
export type ItemOutcome =
  | { readonly outgoing: readonly OutgoingMessage[] }
  | { readonly rejected: string; readonly problems?: unknown };

/**
 * Decides about one message, at once or with a promise. Messages are decided one after the other, in the order of the
 * batch: the next one waits, and sees what this one has changed in the store.
 */
export type DecideItem<Value> = (record: RmqRecord, store: Store<Value>) => ItemOutcome | Promise<ItemOutcome>;

/**
 * Makes a Lambda handler for RabbitMQ out of a decision about one message.
 * A message whose decision throws, or rejects, fails the whole batch, and the store is as before. What still runs when the
 * function has timed out can change the store no more: every use of it throws.
 *
 * The returned messages are sent by the poller; invoked by hand, by nobody. On Lambda itself this sends them, to the broker
 * that AMQP_URL names, and fails the batch where that fails: Lambda gives it again, and ids are the same then.
 *
 * @example
 * import { queueFunction } from 'smart-shopping/queue-function';
 *
 * declare function isKnown(customer: string): Promise<boolean>;
 *
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
    // Between a decision and its commit there is no other invocation.
    return turn(() => ownMemory.transaction((storeOf) => decideAll(records, storeOf, decideItem, log), publish));
  };
  return lambdaFunction(log, decideBatch);
}

function publishOnLambda(serviceName: string, log: Logger): (result: BatchResult) => Promise<void> {
  const { AMQP_URL: amqpUrl } = process.env;
  const sender = amqpUrl ? createSender({ amqpUrl, name: serviceName, log: adapterLog(log) }) : undefined;
  return async ({ outgoing, batchItemFailures }) => {
    // Lambda acknowledges what it has given away: nothing moves these to a dead-letter queue.
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
      // What is spread comes last, so that all have one hidden class.
      for (const message of outcome.outgoing) outgoing.push({ itemIdentifier, ...message });
      continue;
    }
    const { rejected: reason, problems } = outcome;
    batchItemFailures.push({ itemIdentifier: record.itemIdentifier, reason });
    if (problems !== undefined) log.info(reason, { queue: record.queue, messageId: record.messageId, problems });
  }
  return { batchItemFailures, outgoing };
}

/** A memory per queue for where nobody provides one: on Lambda itself, or invoked by hand. It dies with the process. */
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
