import { Command } from 'commander';
import { withoutPassword } from '../../../lib/rabbitmq/connection/connect-error.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { encodeBill, encodeShoppingEvent } from '../../../lib/shop/domain/wire.js';
import { findOrStartBroker } from '../../broker/project-broker.js';
import { nodesOption } from '../../commands/broker.js';
import { changelogKeys, requireBroker, runtimeFolder } from '../../commands/broker-address.js';
import { namedBroker } from '../../commands/broker-options.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { startBroker } from '../../commands/start-broker.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printResult } from '../../terminal/printable.js';
import { type Played, play } from '../demo/play.js';
import { writeScript } from '../demo/script.js';
import { drawPlayed } from '../demo/table.js';
import { demoFaults } from '../demo/verify.js';

interface Flags {
  readonly amqpUrl?: string;
  readonly json?: true;
  readonly nodes?: number;
  readonly yes?: true;
}

/** `demo`: the whole shop, once. */
export function demoCommand(): Command {
  return new Command('demo')
    .option('--amqp-url <url>', 'the broker; default: AMQP_URL, else the private one that runs here, else a new one')
    .addOption(nodesOption())
    .option('--json', 'print the result as JSON')
    .option('--yes', 'allow a broker that was named')
    .action(runDemo);
}

async function runDemo({ amqpUrl: given, json, nodes, yes }: Flags): Promise<void> {
  const stop = stopSignal();
  const named = namedBroker(given);
  if (named !== undefined && !yes) throw new CommandError(permissionToAsk(named), EXIT.usage);
  if (named !== undefined && nodes !== undefined)
    throw new CommandError('--nodes works with the private RabbitMQ only, but a broker was named.', EXIT.usage);
  const log = await commandLog('demo', json);
  const catalog = readDatabase(databaseFile());
  const broker = await startBroker(stop, (onProgress) =>
    findOrStartBroker({
      runtimeFolder: runtimeFolder(),
      onProgress,
      signal: stop,
      ...(given !== undefined && { amqpUrl: given }),
      ...(nodes !== undefined && { nodes }),
    }),
  );
  if (broker === undefined) throw new CommandError('Stopped before it began.');
  try {
    const amqpUrl = await requireBroker(broker.amqpUrl, log, { streamsFor: 'the baskets of its workers' });
    const script = writeScript(catalog, new Date());
    notice(`2 workers, ${script.parts.length} customers: a pick up and a purchase each, and one unknown product`);
    const keys = await changelogKeys(broker.amqpUrl);
    const played = await play(script, { amqpUrl, catalog, keys, log, signal: stop, tell: notice });
    if (stop.aborted) throw new CommandError('Stopped before the end.');
    const differences = demoFaults(script, played, catalog);
    printResult(json ? JSON.stringify(asJson(played, differences)) : drawPlayed(played));
    if (differences.length > 0) throw new CommandError(`Not as expected:\n${differences.join('\n')}`, EXIT.failed);
    notice('Everything is as expected. See it live: npm start');
  } finally {
    await broker.started?.stop();
  }
}

/** A broker that was named may be shared. */
function permissionToAsk(amqpUrl: string): string {
  const where = URL.canParse(amqpUrl) ? ` at ${withoutPassword(amqpUrl)}` : '';
  return (
    `The broker${where} may be shared: the demo declares the shop there, sends eleven events or more, and removes ` +
    'its own bills and its own dead letter afterwards. Pass --yes to confirm.'
  );
}

function asJson({ seen, customers, bills, deadLetters }: Played, differences: readonly string[]): unknown {
  return {
    workers: seen.map(({ messageId: _, ...event }) => event),
    customers: Object.fromEntries(
      [...customers].map(([customer, { shoppingEvents, billingEvents }]) => [
        customer,
        { shoppingEvents: shoppingEvents.map(encodeShoppingEvent), billingEvents: billingEvents.map(encodeBill) },
      ]),
    ),
    bills: bills.map(encodeBill),
    deadLetters: deadLetters.map(encodeShoppingEvent),
    differences,
  };
}
