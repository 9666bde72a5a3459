import type { BatchItemFailure, OutgoingMessage } from '../../../lib/lambda/event/batch-result.js';
import { decodeRmqEvent } from '../../../lib/lambda/event/rmq-records.js';
import type { QueueHandler } from '../../../lib/lambda/runtime/handler.js';

/** Where the handler of a test sends what it decides. */
export interface Destinations {
  readonly bills: string;
  readonly alerts: string;
}

interface Body {
  readonly key: string;
  readonly then?: 'reject' | 'throw' | 'retry' | 'exit' | 'hang';
}

/** Counts messages per key; each count is one bill `{ key, count }`, with an id derived from the incoming one. */
export function countingHandler({ bills, alerts }: Destinations): QueueHandler<number> {
  return async (event, { store }) => {
    const batchItemFailures: BatchItemFailure[] = [];
    const outgoing: OutgoingMessage[] = [];
    for (const { itemIdentifier, messageId, body } of decodeRmqEvent(event)) {
      const { key, then } = JSON.parse(body.toString()) as Body;
      if (then === 'throw') throw new Error(`cannot count ${key}`);
      if (then === 'hang') await new Promise(() => undefined);
      if (then === 'exit') process.exit(1);
      if (then === 'reject') batchItemFailures.push({ itemIdentifier, reason: `${key} is not wanted` });
      if (then === 'retry') batchItemFailures.push({ itemIdentifier });
      if (then !== undefined) continue;
      const count = (store.get(key) ?? 0) + 1;
      store.set(key, count);
      const id = messageId ?? 'none';
      outgoing.push(
        {
          exchange: '',
          routingKey: bills,
          body: { key, count },
          messageId: `bill-${id}`,
          type: 'bill',
          mustRoute: true,
        },
        { exchange: alerts, routingKey: key, body: { key }, messageId: `alert-${id}`, type: 'alert', mustRoute: false },
      );
    }
    return { batchItemFailures, outgoing };
  };
}
