import type { Delivery } from './rmq-event-builder.js';

/** The maximum payload of one invocation: Lambda's quota of 6 MB. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** The other keys of a message with the usual properties (id, type, content type, times, delivery mode), as JSON, rounded up. */
const PROPERTIES_BYTES = 768;

/** A header's text becomes a list of numbers, each followed by a comma. */
const BYTES_PER_CHARACTER = 5;

/** What a message adds to the event's JSON, in bytes: never much less than it really does, and cheaper than building it. */
export function payloadBytes({ content, properties }: Pick<Delivery, 'content' | 'properties'>): number {
  const { headers } = properties;
  const headerBytes = headers === undefined ? 0 : BYTES_PER_CHARACTER * JSON.stringify(headers).length;
  return 4 * Math.ceil(content.length / 3) + headerBytes + PROPERTIES_BYTES;
}
