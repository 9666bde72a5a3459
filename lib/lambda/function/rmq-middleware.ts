import type { RmqEvent } from '../event/rmq-event.js';
import { decodeRmqEvent, type RmqRecord } from '../event/rmq-records.js';

/** An event with its messages decoded. */
export type DecodedRmqEvent = RmqEvent & { readonly records: readonly RmqRecord[] };

/**
 * A middy middleware that gives the handler `event.records`: the messages of all queues, decoded, in order. Throws a TypeError
 * for anything that is not an `aws:rmq` event.
 * @example
 * import middy from '@middy/core';
 * import { type DecodedRmqEvent, rmqRecords } from 'smart-shopping/rmq-event';
 * export const handler = middy(async ({ records }: DecodedRmqEvent) => {
 *   for (const { queue, json } of records) console.log(queue, json);
 * }).use(rmqRecords());
 */
export function rmqRecords(): { readonly before: (request: { event: RmqEvent }) => void } {
  return {
    before: (request) => {
      const records = decodeRmqEvent(request.event);
      Object.assign(request.event, { records });
    },
  };
}
