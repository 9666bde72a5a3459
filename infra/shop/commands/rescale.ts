import type { Command } from 'commander';
import { SHOPPING_EVENTS_EXCHANGE } from '../../../lib/shop/domain/topology.js';
import { rescaleCommand } from '../../commands/rescale.js';

/** `rescale`, of the shop where no other exchange is named. */
export function shopRescaleCommand(): Command {
  return rescaleCommand(SHOPPING_EVENTS_EXCHANGE);
}
