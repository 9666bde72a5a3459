import { openConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import type { Bill, ShoppingEvent } from '../../../lib/shop/domain/events.js';
import { idsOfConsequences } from '../../../lib/shop/domain/messages.js';
import { BILLING_EVENTS } from '../../../lib/shop/domain/topology.js';
import { type Decoded, decodeBill, decodeShoppingEvent } from '../../../lib/shop/domain/wire.js';
import type { ServiceContext } from '../../functions/service-module.js';
import { startPatience } from '../demo/patience.js';
import { type Line, writeScript } from '../demo/script.js';
import { drawPlayed } from '../demo/table.js';
import { takeOwn, takeOwnDeadLetters } from '../demo/take-own.js';
import { listenToCustomers } from './listen-to-customers.js';

/** For serverless.yml: plays the exercise once through the service's own HTTP address, and shows the result. */
export async function demo({ amqpUrl, httpUrl, print, log, signal }: ServiceContext): Promise<void> {
  const script = writeScript(readDatabase(databaseFile()), new Date());
  const patience = startPatience(signal);
  const until = { signal: patience.signal, tell: print };
  const connection = await openConnection({ amqpUrl, connectionName: 'demo', log });
  try {
    const customers = await listenToCustomers(connection, patience.refresh);
    print('The demo: over HTTP, a pick up and a purchase per customer, and one unknown product.');
    const pickUps = await inTurn(script.parts, ({ pickUp }) => send(httpUrl, pickUp));
    const stranger = await send(httpUrl, script.stranger);
    const purchases = await inTurn(script.parts, ({ purchase }) => send(httpUrl, purchase));
    const [bills, deadLetters, lists] = await Promise.all([
      takeOwn(connection, { queue: BILLING_EVENTS, ids: new Set(purchases.map(({ bill }) => bill)), ...until }),
      takeOwnDeadLetters(connection, { ids: new Set([stranger.messageId]), ...until }),
      customers.listsOnceComplete(
        [...pickUps, ...purchases]
          .map(({ alert }) => alert)
          .concat(purchases.map(({ customersBill }) => customersBill)),
        patience.signal,
      ),
    ]);
    print(
      drawPlayed({
        seen: [],
        customers: lists,
        bills: bills.flatMap(({ content }) => decodedOf<Bill>(decodeBill(content))),
        deadLetters: deadLetters.flatMap(({ content }) => decodedOf<ShoppingEvent>(decodeShoppingEvent(content))),
      }),
    );
  } finally {
    await connection.close();
  }
}

/** Posts one event; returns its id and the ids of everything that it may lead to. */
async function send(httpUrl: string, { message }: Line) {
  const body = JSON.stringify(message.body);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${httpUrl}/shopping-events`, { method: 'POST', headers, body });
  if (response.status !== 202) throw new Error(`POST ${httpUrl}/shopping-events gave ${response.status}`);
  const { message_id: messageId } = (await response.json()) as { message_id: string };
  return { messageId, ...idsOfConsequences({ messageId, body: Buffer.from(body) }) };
}

async function inTurn<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}

function decodedOf<Value>(decoded: Decoded<Value>): Value[] {
  return decoded.ok ? [decoded.value] : [];
}
