import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { isBill } from '../../../lib/shop/domain/customer-lists.js';
import { customerQueue } from '../../../lib/shop/domain/topology.js';
import { encodeBill, encodeShoppingEvent } from '../../../lib/shop/domain/wire.js';
import { requireBroker } from '../../commands/broker-address.js';
import { notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printableLine, printResult } from '../../terminal/printable.js';
import { type CustomerMessage, startCustomerApp } from '../roles/customer-app.js';
import { watchConsumers } from '../roles/watch-consumers.js';
import { requireCustomer } from './customer.js';

export interface CustomerAppFlags {
  readonly customer_id: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** The action of `run_customer_app`. */
export async function runCustomerApp({ customer_id, amqpUrl, json }: CustomerAppFlags): Promise<void> {
  const signal = stopSignal();
  const log = await commandLog('customer-app', json);
  const customer = requireCustomer(readDatabase(databaseFile()), customer_id);
  const url = await requireBroker(amqpUrl, log);
  const app = startCustomerApp({
    amqpUrl: url,
    customer,
    log,
    signal,
    onReceived: json ? printJson : print,
  });
  const ending = new AbortController();
  await app.ready;
  notice(`the app of ${customer} is ready`);
  let shared = false;
  void watchConsumers(
    customerQueue(customer),
    { amqpUrl: url, signal: AbortSignal.any([signal, ending.signal]) },
    (consumers) => {
      if (consumers > 1)
        notice(`${consumers} apps share the queue of ${customer}: each message is shown by only one of them`);
      else if (shared) notice(`the queue of ${customer} is no longer shared`);
      shared = consumers > 1;
    },
  );
  await app.ended.finally(() => ending.abort());
}

function printJson({ message }: CustomerMessage): void {
  printResult(JSON.stringify(isBill(message) ? encodeBill(message) : encodeShoppingEvent(message)));
}

function print({ message }: CustomerMessage): void {
  const text = isBill(message)
    ? `bill      ${message.product}  ${message.cost}  (picked up ${message.pickedUpAt}, purchased ${message.purchasedAt})`
    : `${message.type.padEnd(8)}  ${message.product}  ${message.timestamp}`;
  printResult(printableLine(text));
}
