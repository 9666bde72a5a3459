/** The shop's names on the broker, known to every program of the shop. */
export const SHOPPING_EVENTS_EXCHANGE = 'shopping_events_exchange';
export const CUSTOMER_APP_EVENTS = 'customer_app_events';
export const BILLING_EVENTS = 'billing_events';
export const DEAD_LETTER_EXCHANGE = 'shopping_events_dead_letter_exchange';
export const DEAD_LETTER_QUEUE = 'shopping_events_dead_letter_queue';
export const DEAD_LETTER_LOG = 'shopping_events_dead_letter_log';
/** Where the workers report their state: an exchange, and the stream that it leads to, for any number of readers. */
export const WORKER_STATUS = 'worker_status';

/** The two workers that the shop comes with. */
export const WORKER_QUEUES = ['worker01_queue', 'worker02_queue'] as const;

/** The worker that one of these queues is for. */
export function workerOf(queue: string): string {
  return queue.replace(/_queue$/, '');
}

/** The queue of a worker that is named after it, or that has the same name as its queue. */
export function queueOfWorker(worker: string): string {
  return worker.endsWith('_queue') ? worker : `${worker}_queue`;
}

/** Equal for all workers: a queue's share of the products is its weight divided by the sum of all weights. */
export const EQUAL_WEIGHT = '1';

/**
 * Set explicitly, because RabbitMQ 3 has no limit and then requeues out of order, and RabbitMQ 4 has 20: an outage of a few
 * minutes with many restarts would dead-letter innocent events. The worker itself rejects a message that ends it again and again.
 */
const DELIVERY_LIMIT = 1_000;
/** RabbitMQ 4 drops a message that was returned to a quorum queue 20 times; no one returns a bill or a dead letter this often. */
const NEVER = 1_000_000_000;
/** The size of the log of dead letters: some 80,000 entries. */
const LOG_BYTES = 64 * 1024 * 1024;
/** The size of the stream of workers' reports. Readers read new reports, so hardly any need to be kept. */
const STATUS_BYTES = 16 * 1024 * 1024;
/** Alerts that a customer's app may leave unread before the oldest are dropped. */
const CUSTOMER_QUEUE_LENGTH = 10_000;

const quorum = { 'x-queue-type': 'quorum' };

const CUSTOMER_QUEUE = 'customer_app.';

export function customerQueue(customer: string): string {
  return `${CUSTOMER_QUEUE}${customer}`;
}

export function isCustomerQueue(queue: string): boolean {
  return queue.startsWith(CUSTOMER_QUEUE);
}

/** What every part needs: the exchanges, the dead letters with their log, and the bills. */
export const SHOP = {
  exchanges: [
    { name: SHOPPING_EVENTS_EXCHANGE, type: 'x-consistent-hash', durable: true },
    { name: CUSTOMER_APP_EVENTS, type: 'topic', durable: true },
    { name: DEAD_LETTER_EXCHANGE, type: 'fanout', durable: true },
    { name: WORKER_STATUS, type: 'fanout', durable: true },
    // Exchanges with the names of the queues that they lead to: a worker may write to these, and to no other queue.
    { name: BILLING_EVENTS, type: 'fanout', durable: true },
    { name: DEAD_LETTER_LOG, type: 'fanout', durable: true },
  ],
  queues: [
    { name: DEAD_LETTER_QUEUE, durable: true, arguments: { ...quorum, 'x-delivery-limit': NEVER } },
    stream(DEAD_LETTER_LOG, LOG_BYTES),
    stream(WORKER_STATUS, STATUS_BYTES),
    { name: BILLING_EVENTS, durable: true, arguments: { ...quorum, 'x-delivery-limit': NEVER } },
  ],
  bindings: [
    { exchange: DEAD_LETTER_EXCHANGE, queue: DEAD_LETTER_QUEUE, routingKey: '' },
    { exchange: BILLING_EVENTS, queue: BILLING_EVENTS, routingKey: '' },
    { exchange: DEAD_LETTER_LOG, queue: DEAD_LETTER_LOG, routingKey: '' },
    { exchange: WORKER_STATUS, queue: WORKER_STATUS, routingKey: '' },
  ],
};

/**
 * A stream that keeps about this many bytes. Its oldest segment is dropped as a whole, so the limit is only as precise as the
 * segments.
 */
export function stream(name: string, bytes: number, segments = 16) {
  return {
    name,
    durable: true,
    arguments: {
      'x-queue-type': 'stream',
      'x-max-length-bytes': bytes,
      'x-stream-max-segment-size-bytes': bytes / segments,
    },
  };
}

/** A worker's queue and its share of the products. */
export function workerQueue(name: string, weight: string = EQUAL_WEIGHT) {
  return {
    exchanges: [],
    queues: [
      {
        name,
        durable: true,
        arguments: {
          ...quorum,
          // One worker at a time serves the queue; otherwise a product's basket would be in two memories.
          'x-single-active-consumer': true,
          'x-delivery-limit': DELIVERY_LIMIT,
          'x-overflow': 'reject-publish',
          'x-dead-letter-exchange': DEAD_LETTER_EXCHANGE,
          'x-dead-letter-strategy': 'at-least-once',
        },
      },
    ],
    bindings: [{ exchange: SHOPPING_EVENTS_EXCHANGE, queue: name, routingKey: weight }],
  };
}

/** A customer's own queue: alerts and bills of this customer only. */
export function customerApp(customer: string) {
  const name = customerQueue(customer);
  return {
    exchanges: [{ name: CUSTOMER_APP_EVENTS, type: 'topic', durable: true }],
    queues: [{ name, durable: true, arguments: { 'x-max-length': CUSTOMER_QUEUE_LENGTH, 'x-overflow': 'drop-head' } }],
    bindings: [{ exchange: CUSTOMER_APP_EVENTS, queue: name, routingKey: customer }],
  };
}
