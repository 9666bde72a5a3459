import { queueFunction } from 'smart-shopping/queue-function';
import { runQueue } from 'smart-shopping/queue-runner';

/** Counts the visits to each page, and tells each new count. */
const visits = queueFunction('visits', async ({ json, messageId }, store) => {
  const { page } = json;
  if (page === undefined) return { rejected: 'no page' };
  const count = (store.get(page) ?? 0) + 1;
  store.set(page, count);
  const body = { page, count };
  return { outgoing: [{ exchange: '', routingKey: 'counts', body, messageId, type: 'count', mustRoute: true }] };
});

const queue = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

await runQueue({
  amqpUrl: process.env.AMQP_URL,
  queue: 'visits',
  topology: {
    exchanges: [],
    queues: ['visits', 'counts'].map((name) => ({ name, ...queue })),
    bindings: [],
  },
  handler: visits,
  changelog: {},
  log: console,
  signal: stop.signal,
});
