#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { SHOPPING_EVENT_TYPES, type ShoppingEventType } from '../../../lib/shop/domain/events.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { runProgram } from '../../commands/command-line.js';
import type { ShoppingEventFlags } from './shopping-event.js';

/** A date can hold 100 million days around 1970 (ECMA-262, 21.4.1.1); a thousand years are enough. */
const MOST_MINUTES = 1000 * 365 * 24 * 60;

const program = new Command('produce_shopping_event')
  .description('Send one shopping event, as the sensor does, and wait until the broker has confirmed it.')
  .addOption(
    new Option('-e, --event <type>', 'what the customer does; case does not matter')
      .choices(SHOPPING_EVENT_TYPES)
      .argParser(eventType)
      .makeOptionMandatory(),
  )
  .requiredOption('-c, --customer_id <id>', 'a customer of the database, such as customer-1')
  .option('-t, --timeoffset <minutes>', 'added to the current time; may be negative', minutes, 0)
  .option('-p, --product <number>', "the product; default: the customer's first")
  .option(...AMQP_URL_OPTION)
  .option('--json', 'print the result as one JSON line')
  .action(async (flags: ShoppingEventFlags) => (await import('./shopping-event.js')).produceShoppingEvent(flags));

await runProgram(program);

function eventType(text: string): ShoppingEventType {
  const found = SHOPPING_EVENT_TYPES.find((type) => type === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${SHOPPING_EVENT_TYPES.join(', ')}.`);
  return found;
}

function minutes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || Math.abs(value) > MOST_MINUTES) {
    throw new InvalidArgumentError('It must be a number of minutes.');
  }
  return value;
}
