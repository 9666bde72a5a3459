import { randomUUID } from 'node:crypto';
import { createSender } from '../../../lib/lambda/function/publishing.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import type { ShoppingEventType } from '../../../lib/shop/domain/events.js';
import { shoppingEventMessage } from '../../../lib/shop/domain/messages.js';
import { requireBroker } from '../../commands/broker-address.js';
import { CommandError, EXIT } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { printableLine, printResult } from '../../terminal/printable.js';
import { requireCustomer } from './customer.js';
import { requireShop, whyNotSent } from './shop-there.js';

export interface ShoppingEventFlags {
  readonly event: ShoppingEventType;
  readonly customer_id: string;
  readonly timeoffset: number;
  readonly product?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** The action of `produce_shopping_event`. */
export async function produceShoppingEvent({
  event: type,
  customer_id,
  timeoffset,
  product,
  amqpUrl,
  json,
}: ShoppingEventFlags): Promise<void> {
  const log = await commandLog('produce_shopping_event', json);
  const event = {
    type,
    product: product ?? firstProduct(readDatabase(databaseFile()), customer_id),
    timestamp: new Date(Date.now() + timeoffset * 60_000).toISOString(),
  };
  const message = shoppingEventMessage(event, randomUUID());
  const sender = createSender({
    amqpUrl: await requireBroker(amqpUrl, log, { check: requireShop }),
    name: 'produce_shopping_event',
    log,
  });
  try {
    await sender.publish([message]);
  } catch (cause) {
    throw new CommandError(`Not sent: ${whyNotSent(cause)}`, EXIT.failed, { cause });
  } finally {
    await sender.close();
  }
  const result = { message_id: message.messageId, event: message.body };
  printResult(json ? JSON.stringify(result) : printableLine(`sent  ${type}  ${event.product}  ${event.timestamp}`));
}

function firstProduct(catalog: Catalog, customer: string): string {
  const known = requireCustomer(catalog, customer);
  const [product] = catalog.productsOf(known);
  if (product === undefined) throw new CommandError(`${known} has no product in the database.`, EXIT.usage);
  return product;
}
