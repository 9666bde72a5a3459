import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import {
  BILLING_EVENTS,
  CUSTOMER_APP_EVENTS,
  DEAD_LETTER_QUEUE,
  EQUAL_WEIGHT,
  SHOPPING_EVENTS_EXCHANGE,
  WORKER_QUEUES,
} from '../../../lib/shop/domain/topology.js';

/** Where the exercise's worker has its queue dead-letter to: the default exchange, with the name of a queue. */
const TO_DEAD_LETTERS = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': DEAD_LETTER_QUEUE };

/**
 * The shop's names with pika's defaults, as the exercise's own code declares them: neither durable nor replicated. None of it
 * survives a restart of RabbitMQ.
 */
export function plainTopology(): Topology {
  return {
    exchanges: [
      { name: SHOPPING_EVENTS_EXCHANGE, type: 'x-consistent-hash', durable: false },
      { name: CUSTOMER_APP_EVENTS, type: 'topic', durable: false },
    ],
    queues: [
      { name: DEAD_LETTER_QUEUE, durable: false },
      { name: BILLING_EVENTS, durable: false },
      ...WORKER_QUEUES.map((name) => ({ name, durable: false, arguments: TO_DEAD_LETTERS })),
    ],
    bindings: WORKER_QUEUES.map((queue) => ({ exchange: SHOPPING_EVENTS_EXCHANGE, queue, routingKey: EQUAL_WEIGHT })),
  };
}
