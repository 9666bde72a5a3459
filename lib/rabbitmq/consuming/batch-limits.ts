import type { ConsumeMessage } from 'amqplib';

/** When a batch is complete. */
export interface BatchLimits {
  readonly maxMessages: number;
  /** No second message is taken that would exceed this. */
  readonly maxBytes: number;
  /** The bytes that a message counts. Default: its body. */
  readonly sizeOf?: (delivery: ConsumeMessage) => number;
  /** How long a batch that is not full waits for more messages, in milliseconds. Default 0. */
  readonly windowMs?: number;
}

/** The number of messages, from the first one on, in a batch. */
export function fitting(
  arrived: readonly ConsumeMessage[],
  { maxMessages, maxBytes, sizeOf = bodyBytes }: BatchLimits,
): number {
  let bytes = 0;
  const full = arrived.findIndex((delivery, index) => {
    bytes += sizeOf(delivery);
    return index === maxMessages || (index > 0 && bytes > maxBytes);
  });
  return full === -1 ? arrived.length : full;
}

function bodyBytes({ content }: ConsumeMessage): number {
  return content.length;
}
