import { runQueue } from 'smart-shopping/poller';
import { queueFunction } from 'smart-shopping/queue-function';

/** Counts the visits to each page, and sends each new count. */
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

/** Two runners in one process, which share nothing but the handler. */
const running = ['visits', 'downloads'].map((name) =>
  runQueue({
    amqpUrl: process.env.AMQP_URL,
    queue: name,
    topology: {
      exchanges: [],
      queues: [name, 'counts'].map((each) => ({ name: each, ...queue })),
      bindings: [],
    },
    handler: visits,
    changelog: {},
    log: console,
    signal: stop.signal,
  }),
);
await Promise.all(running);
console.log(`trace ${process.env._X_AMZN_TRACE_ID}`);
