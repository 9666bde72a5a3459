import type { Command } from 'commander';
import { SHOPPING_EVENTS_EXCHANGE } from '../../../lib/shop/domain/topology.js';
import { rescaleCommand } from '../../commands/rescale.js';

/** `rescale`, with the shop's exchange by default. */
export function shopRescaleCommand(): Command {
  return rescaleCommand(SHOPPING_EVENTS_EXCHANGE);
}
