/**
 * How long a new queue should hold nothing that must not be lost, in milliseconds. RabbitMQ writes its name to disk only some
 * time later: a node that is killed before that forgets the queue for good, and everything confirmed in it (tried with 3.10.8:
 * lost at ages up to 600 ms, kept from 1,000 ms on).
 */
export const YOUNG_QUEUE_MS = 2_000;
