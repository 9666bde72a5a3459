import { Command, InvalidArgumentError } from 'commander';
import { databaseFile, followDatabase, readDatabase } from '../../../lib/shop/database/database.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { requireBroker, runtimeFolder } from '../../commands/broker-address.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { parsePort, whyNotListening } from '../../commands/port.js';
import { addServingOptions, type ServingFlags, servingOf } from '../../commands/serving.js';
import { whoAsks } from '../../commands/who-asks.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printable, printResult } from '../../terminal/printable.js';
import { drawTable } from '../../terminal/table.js';
import { hasOwnPath, linkFor, shortAddress } from '../web/addresses.js';
import { LinkBook } from '../web/links.js';
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
  const command = new Command('web').option(
    '-p, --port <port>',
    'the port to listen on; 0 for a free one',
    parsePort,
    WEB_PORT,
  );
  return addServingOptions(command)
    .option(...AMQP_URL_OPTION)
    .option('--address', 'only print the address of the pages that are already being served')
    .option('--json', 'print the address as a JSON line')
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
  notice('The address above opens the shop floor. `customer-link <id>` makes one for a customer. Ctrl-C stops.');
  await pages.ended;
}

const ANSWER_MS = 2_000;

/** The address of the running server. @throws CommandError if there is none */
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
    // The server there uses TLS, and this program need not know its authority.
    ({ cause }: { readonly cause?: { readonly code?: string } }) => /CERT|SIGNATURE/.test(cause?.code ?? ''),
  );
}

interface LinkFlags {
  readonly hours: number;
  readonly origin?: string;
  readonly list?: true;
  readonly revoke?: string;
  readonly json?: true;
}

/** `customer-link`: makes, lists and revokes customers' links. */
export function customerLinkCommand(): Command {
  return new Command('customer-link')
    .argument('[customer]', 'a customer of the database, such as customer-1')
    .option('--hours <hours>', 'how long the link is valid', hours, 24)
    .option('--origin <url>', 'the address of the pages; default: where `web` ran last')
    .option('--list', 'instead, list the links that are valid or were revoked')
    .option('--revoke <id>', 'instead, revoke a link and the sessions that came from it')
    .option('--json', 'print the address, or each link, as a JSON line')
    .action(customerLink);
}

async function customerLink(customer: string | undefined, flags: LinkFlags): Promise<void> {
  const { list, revoke, json } = flags;
  if ([customer, list, revoke].filter((asked) => asked !== undefined).length !== 1) {
    throw new CommandError('Name one customer, or pass --list or --revoke <id>.', EXIT.usage);
  }
  const links = new LinkBook(runtimeFolder());
  if (customer !== undefined) return printLink(customer, links, flags);
  if (revoke === undefined) return listLinks(links, json);
  const revoked = await links.revoke(revoke, whoAsks('customer-link'), Date.now());
  if (revoked === undefined) throw new CommandError(`No link has the id ${revoke}; --list shows them.`);
  notice(`The link ${revoke} of ${revoked.customer} is revoked, and its sessions are over.`);
}

function listLinks(links: LinkBook, json: true | undefined): void {
  const open = links.all().filter(({ until }) => until > Date.now());
  if (json) for (const link of open) printResult(JSON.stringify(link));
  else if (open.length === 0) notice('There are no valid links.');
  else {
    const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
    const rows = open.map(({ id, customer, by, at, until, revoked }) => [
      ...[id, customer, time(at), by],
      revoked === undefined ? `until ${time(until)}` : `revoked ${time(revoked.at)} by ${revoked.by}`,
    ]);
    printResult(
      drawTable(
        ['id', 'customer', 'made', 'by', 'good'],
        rows.map((row) => row.map(printable)),
      ),
    );
  }
}

async function printLink(given: string, links: LinkBook, { hours, origin, json }: LinkFlags): Promise<void> {
  const customer = requireCustomer(readDatabase(databaseFile()), given);
  if (!hasOwnPath(customer)) throw new CommandError(`No address can hold the customer id ${customer}.`, EXIT.usage);
  const secret = await webSecret(runtimeFolder());
  const base = origin ?? (await readOrigin(runtimeFolder())) ?? `http://127.0.0.1:${WEB_PORT}`;
  if (!URL.canParse(base)) throw new CommandError('--origin must be a URL such as http://127.0.0.1:8080.', EXIT.usage);
  const at = Date.now();
  const until = at + hours * HOUR_MS;
  const { id } = await links.add({ customer, by: whoAsks('customer-link'), at, until });
  printAddress(linkFor(base, { role: 'customer', customer }, until, secret, id), json);
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
