import { Command } from 'commander';
import { createSender, type Sender } from '../../../lib/lambda/function/publishing.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { requireBroker } from '../../commands/broker-address.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { positiveNumber } from '../../commands/numbers.js';
import { endProgress, showCount } from '../../commands/progress.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printResult } from '../../terminal/printable.js';
import { writeMadeUpDatabase } from '../load/made-up-database.js';
import { inBatches, type Traffic, trafficOf } from '../load/traffic.js';
import { requireShop, whyNotSent } from './shop-there.js';

const BATCH_SIZE = 500;
const MOST_EVENTS = 100_000_000;
const MOST_PRODUCTS = 1_000_000;

interface Flags {
  readonly count: number;
  readonly products?: number;
  readonly database?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** `produce`: many shopping events. */
export function produceCommand(): Command {
  return new Command('produce')
    .requiredOption('-n, --count <number>', 'the number of pick ups, and of purchases', positiveNumber(MOST_EVENTS))
    .option(
      '--products <number>',
      'use this many made-up products, and write a database of them to --database',
      positiveNumber(MOST_PRODUCTS),
    )
    .option('--database <file>', 'the file to write; start the workers with SHOP_DATABASE=<file>')
    .option(...AMQP_URL_OPTION)
    .option('--json', 'print the result as one JSON line')
    .action(run);
}

async function run({ count, products, database, amqpUrl, json }: Flags): Promise<void> {
  if ((products === undefined) !== (database === undefined)) {
    throw new CommandError('--products and --database go together.', EXIT.usage);
  }
  const stop = stopSignal();
  const log = await commandLog('produce', json);
  if (products !== undefined && database !== undefined) {
    await writeMadeUpDatabase(database, products).catch((cause: Error) => {
      throw new CommandError(cause.message, EXIT.usage, { cause });
    });
    notice(`${database} holds ${products} products: it must be the workers' SHOP_DATABASE`);
  }
  const catalog = readDatabase(database ?? databaseFile());
  if (catalog.products.length === 0) throw new CommandError('The database has no products.', EXIT.usage);
  const sender = createSender({
    amqpUrl: await requireBroker(amqpUrl, log, { check: requireShop }),
    name: 'produce',
    log,
  });
  const startedAt = performance.now();
  try {
    await sendAll(sender, { products: catalog.products, count, now: Date.now }, stop);
  } finally {
    await sender.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const result = {
    pick_ups: count,
    purchases: count,
    products: Math.min(count, catalog.products.length),
    confirmed: 2 * count,
    seconds: Number(seconds.toFixed(3)),
    per_second: Math.round((2 * count) / seconds),
  };
  const text = `${result.confirmed} events of ${result.products} products, all confirmed, ${result.per_second} per second`;
  printResult(json ? JSON.stringify(result) : text);
}

async function sendAll(sender: Sender, traffic: Traffic, stop: AbortSignal): Promise<void> {
  const total = 2 * traffic.count;
  const show = showCount('events confirmed', total);
  let confirmed = 0;
  try {
    for (const batch of inBatches(trafficOf(traffic), BATCH_SIZE)) {
      if (stop.aborted) throw new CommandError(`Stopped: ${confirmed} of ${total} events are confirmed.`);
      await sender.publish(batch);
      confirmed += batch.length;
      show(confirmed);
    }
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(
      `${confirmed} of ${total} events are confirmed; whether the next ${Math.min(BATCH_SIZE, total - confirmed)} arrived is not known: ${whyNotSent(cause)}`,
      EXIT.failed,
      { cause },
    );
  } finally {
    endProgress();
  }
}
