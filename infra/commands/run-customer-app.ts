#!/usr/bin/env node
import { Command } from 'commander';
import { databaseFile, readDatabase } from '../../lib/database/database.js';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { isBill } from '../../lib/shop/customer-lists.js';
import { encodeBill, encodeShoppingEvent } from '../../lib/shop/wire.js';
import { type Received, startCustomerApp } from '../roles/customer-app.js';
import { requireBroker } from './broker-address.js';
import { notice, runProgram } from './command-line.js';
import { requireCustomer } from './customer.js';
import { stopSignal } from './stop-signal.js';

interface Flags {
  readonly customer_id: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

const program = new Command('run_customer_app')
  .description('Shows what one customer receives, live, until Ctrl-C.')
  .requiredOption('-c, --customer_id <id>', 'a customer of the database, such as customer-1')
  .option('--amqp-url <url>', 'the broker; else AMQP_URL, else the private one that runs here')
  .option('--json', 'one JSON line per event on stdout: the wire body')
  .action(run);

await runProgram(program);

async function run({ customer_id: customer, amqpUrl, json }: Flags): Promise<void> {
  const signal = stopSignal();
  const log = adapterLog(createLogger('customer-app'));
  requireCustomer(readDatabase(databaseFile()), customer);
  const app = startCustomerApp({
    amqpUrl: await requireBroker(amqpUrl, log),
    customer,
    log,
    signal,
    onReceived: json ? printJson : print,
  });
  await app.ready;
  notice(`the app of ${customer} is ready`);
  await app.ended;
}

function printJson({ message }: Received): void {
  process.stdout.write(`${JSON.stringify(isBill(message) ? encodeBill(message) : encodeShoppingEvent(message))}\n`);
}

function print({ message }: Received): void {
  const text = isBill(message)
    ? `bill      ${message.product}  ${message.cost}  (picked up ${message.pickedUpAt}, purchased ${message.purchasedAt})`
    : `${message.type.padEnd(8)}  ${message.product}  ${message.timestamp}`;
  process.stdout.write(`${text}\n`);
}
