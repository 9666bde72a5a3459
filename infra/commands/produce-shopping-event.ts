#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { databaseFile, readDatabase } from '../../lib/database/database.js';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { createSender } from '../../lib/lambda/publishing.js';
import type { Catalog } from '../../lib/shop/catalog.js';
import { SHOPPING_EVENT_TYPES, type ShoppingEventType } from '../../lib/shop/events.js';
import { shoppingEventMessage } from '../../lib/shop/messages.js';
import { SHOPPING_EVENTS_EXCHANGE } from '../../lib/shop/topology.js';
import { requireBroker } from './broker-address.js';
import { CommandError, EXIT, runProgram } from './command-line.js';
import { requireCustomer } from './customer.js';

interface Flags {
  readonly event: ShoppingEventType;
  readonly customer_id: string;
  readonly timeoffset: number;
  readonly product?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** A date holds 100 million days around 1970 (ECMA-262, 21.4.1.1); a thousand years are enough. */
const MOST_MINUTES = 1000 * 365 * 24 * 60;

const program = new Command('produce_shopping_event')
  .description('Sends one shopping event, as the sensor does, and waits until the broker has it safe.')
  .addOption(
    new Option('-e, --event <type>', 'what the customer does').choices(SHOPPING_EVENT_TYPES).makeOptionMandatory(),
  )
  .requiredOption('-c, --customer_id <id>', 'a customer of the database, such as customer-1')
  .option('-t, --timeoffset <minutes>', 'added to the time of now; may be negative', minutes, 0)
  .option('-p, --product <number>', "the product; else the customer's first")
  .option('--amqp-url <url>', 'the broker; else AMQP_URL, else the private one that runs here')
  .option('--json', 'the result as one JSON line')
  .action(run);

await runProgram(program);

async function run({ event: type, customer_id, timeoffset, product, amqpUrl, json }: Flags): Promise<void> {
  const log = adapterLog(createLogger('produce_shopping_event'));
  const event = {
    type,
    product: product ?? firstProduct(readDatabase(databaseFile()), customer_id),
    timestamp: new Date(Date.now() + timeoffset * 60_000).toISOString(),
  };
  const message = shoppingEventMessage(event, randomUUID());
  const sender = createSender({ amqpUrl: await requireBroker(amqpUrl, log), name: 'produce_shopping_event', log });
  try {
    await sender.publish([message]);
  } catch (cause) {
    throw new CommandError(
      `Not sent: ${(cause as Error).message}. Is a worker's queue bound to ${SHOPPING_EVENTS_EXCHANGE}? \`npx smart-shopping topology declare\` binds two.`,
      EXIT.failed,
      { cause },
    );
  } finally {
    await sender.close();
  }
  const result = { message_id: message.messageId, event: message.body };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `sent  ${type}  ${event.product}  ${event.timestamp}\n`);
}

function firstProduct(catalog: Catalog, customer: string): string {
  requireCustomer(catalog, customer);
  const [product] = catalog.productsOf(customer);
  if (product === undefined) throw new CommandError(`${customer} has no product in the database.`, EXIT.usage);
  return product;
}

function minutes(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || Math.abs(value) > MOST_MINUTES) {
    throw new InvalidArgumentError('It is a number of minutes.');
  }
  return value;
}
