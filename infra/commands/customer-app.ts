import { databaseFile, readDatabase } from '../../lib/database/database.js';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { isBill } from '../../lib/shop/customer-lists.js';
import { encodeBill, encodeShoppingEvent } from '../../lib/shop/wire.js';
import { type Received, startCustomerApp } from '../roles/customer-app.js';
import { requireBroker } from './broker-address.js';
import { notice } from './command-line.js';
import { requireCustomer } from './customer.js';
import { stopSignal } from './stop-signal.js';

export interface CustomerAppFlags {
  readonly customer_id: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** The action of `run_customer_app`. */
export async function runCustomerApp({ customer_id: customer, amqpUrl, json }: CustomerAppFlags): Promise<void> {
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
