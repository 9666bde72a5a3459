import { Command, InvalidArgumentError } from 'commander';
import { databaseFile, followDatabase, readDatabase } from '../../../lib/shop/database/database.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { requireBroker, runtimeFolder } from '../../commands/broker-address.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { parsePort, whyNotListening } from '../../commands/port.js';
import { addServingOptions, type ServingFlags, servingOf } from '../../commands/serving.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printResult } from '../../terminal/printable.js';
import { hasOwnPath, linkFor, shortAddress } from '../web/addresses.js';
import { readOrigin } from '../web/running-web.js';
import { webSecret } from '../web/secret.js';
import { servePages, WEB_PORT } from '../web/serve-pages.js';
import { requireCustomer } from './customer.js';

const HOUR_MS = 60 * 60 * 1000;

interface WebFlags extends ServingFlags {
  readonly address?: true;
  readonly port: number;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** `web`: the customers' pages and the shop floor. */
export function webCommand(): Command {
  const command = new Command('web').option('-p, --port <port>', 'to listen on; 0 for a free one', parsePort, WEB_PORT);
  return addServingOptions(command)
    .option(...AMQP_URL_OPTION)
    .option('--address', 'only prints the address of the pages that are served already')
    .option('--json', 'the address as a JSON line')
    .action(serve);
}

async function serve({ port, amqpUrl, address, json, ...flags }: WebFlags): Promise<void> {
  if (address) return printAddress(await addressAgain(), json);
  const serving = await servingOf(flags);
  const signal = stopSignal();
  const log = await commandLog('web', json);
  const catalog = followDatabase(databaseFile(), ({ message }) => log.error('database refused', { message }));
  catalog();
  const url = await requireBroker(amqpUrl, log, { streamsFor: 'the pages' });
  const options = { amqpUrl: url, catalog, runtimeFolder: runtimeFolder(), ...serving, port, log, signal };
  const pages = await servePages(options).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandError(`No pages: ${whyNotListening(cause, port)}`, EXIT.failed, { cause });
  });
  printAddress(pages.startAddress, json);
  notice('The address above opens the shop floor. `customer-link <id>` makes one for a customer. Ctrl-C ends.');
  await pages.ended;
}

const ANSWER_MS = 2_000;

/** Of the server that runs. @throws CommandError if none does */
async function addressAgain(): Promise<string> {
  const origin = await readOrigin(runtimeFolder());
  const answers = origin !== undefined && (await isUp(origin));
  if (!answers)
    throw new CommandError('No pages are served here: `npm start` or `npx smart-shopping web` serves them.');
  return shortAddress(origin, await webSecret(runtimeFolder()), Date.now());
}

function isUp(origin: string): Promise<boolean> {
  return fetch(new URL('/healthz', origin), { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    ({ ok }) => ok,
    // Somebody speaks TLS there, and this program need not know its authority.
    ({ cause }: { readonly cause?: { readonly code?: string } }) => /CERT|SIGNATURE/.test(cause?.code ?? ''),
  );
}

interface LinkFlags {
  readonly hours: number;
  readonly origin?: string;
  readonly json?: true;
}

/** `customer-link`: what a customer is given. */
export function customerLinkCommand(): Command {
  return new Command('customer-link')
    .argument('<customer>', 'a customer of the database, such as customer-1')
    .option('--hours <hours>', 'how long the link can be opened', hours, 24)
    .option('--origin <url>', 'where the pages are; else where `web` ran last')
    .option('--json', 'the address as a JSON line')
    .action(printLink);
}

async function printLink(given: string, { hours, origin, json }: LinkFlags): Promise<void> {
  const customer = requireCustomer(readDatabase(databaseFile()), given);
  if (!hasOwnPath(customer)) throw new CommandError(`No address can hold the customer id ${customer}.`, EXIT.usage);
  const secret = await webSecret(runtimeFolder());
  const base = origin ?? (await readOrigin(runtimeFolder())) ?? `http://127.0.0.1:${WEB_PORT}`;
  if (!URL.canParse(base)) throw new CommandError('--origin must be a URL such as http://127.0.0.1:8080.', EXIT.usage);
  printAddress(linkFor(base, { role: 'customer', customer }, Date.now() + hours * HOUR_MS, secret), json);
}

function printAddress(url: string, json: true | undefined): void {
  printResult(json ? JSON.stringify({ url }) : url);
}

function hours(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 24 * 365))
    throw new InvalidArgumentError('It must be a number of hours, at most a year.');
  return number;
}
