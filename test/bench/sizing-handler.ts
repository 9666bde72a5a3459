import { queueFunction } from '../../lib/lambda/function/queue-function.js';

/** Sends one message for each that it gets, and remembers a little. */
export const handler = queueFunction<number>('sizing', ({ json, messageId = '' }, store) => {
  const { key } = json as { readonly key: string };
  store.set(key, (store.get(key) ?? 0) + 1);
  return {
    outgoing: [{ exchange: '', routingKey: 'sizing.done', body: { key }, messageId, type: 'done', mustRoute: true }],
  };
});
