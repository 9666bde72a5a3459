import type { ConsumeMessage } from 'amqplib';
import type { Journal } from '../changelog/journal.js';
import { fitting } from '../consuming/batch-limits.js';
import { invocationBytes } from './unfit.js';

/** Cuts a batch whose record was too large into parts, at least two, whose records are likely to fit. */
export function fittingParts(
  deliveries: readonly ConsumeMessage[],
  { mostBatchBytes: maxBytes }: Pick<Journal<unknown>, 'mostBatchBytes'>,
): readonly (readonly ConsumeMessage[])[] {
  const limits = { maxMessages: Math.ceil(deliveries.length / 2), maxBytes, sizeOf: invocationBytes };
  const parts: (readonly ConsumeMessage[])[] = [];
  for (let taken = 0; taken < deliveries.length; taken += parts.at(-1)?.length ?? 0) {
    const rest = deliveries.slice(taken);
    parts.push(rest.slice(0, fitting(rest, limits)));
  }
  return parts;
}
