import type { Command } from 'commander';
import { DEAD_LETTER_LOG, DEAD_LETTER_QUEUE } from '../../../lib/shop/domain/topology.js';
import { decodeShoppingEvent } from '../../../lib/shop/domain/wire.js';
import { deadLettersCommand } from '../../commands/dead-letters.js';

/** `dead-letters`, with the shop's queue by default. */
export function shopDeadLettersCommand(): Command {
  return deadLettersCommand({
    queue: DEAD_LETTER_QUEUE,
    log: DEAD_LETTER_LOG,
    summaryOf,
    missingAdvice: '`topology declare` creates it.',
  });
}

function summaryOf(content: Buffer): string {
  const decoded = decodeShoppingEvent(content);
  return decoded.ok
    ? `${decoded.value.type} ${decoded.value.product}`
    : `${content.length} bytes, not a shopping event`;
}
