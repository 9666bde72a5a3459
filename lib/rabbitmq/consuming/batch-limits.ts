import type { ConsumeMessage } from 'amqplib';

/** When a batch is complete. */
export interface BatchLimits {
  readonly maxMessages: number;
  /** No second message is taken that would make it more. */
  readonly maxBytes: number;
  /** Bytes that a message counts. Default: its body. */
  readonly sizeOf?: (delivery: ConsumeMessage) => number;
  /** How long a batch that is not full waits for more, in milliseconds. Default 0. */
  readonly windowMs?: number;
}

/** How many messages, from the first one on, a batch takes. */
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
