import type { Command } from 'commander';
import { addressesIn } from '../../lib/rabbitmq/connection/address.js';
import { readAddress } from '../../lib/rabbitmq/connection/address-files.js';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import {
  ADDRESS_VARIABLES,
  type AddressFiles,
  namedAddress,
} from '../../lib/rabbitmq/connection/environment-address.js';
import { CommandError, EXIT } from './command-line.js';

/** The options that name the broker. */
export interface BrokerFlags {
  readonly amqpUrl?: string | undefined;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly keyPassphraseFile?: string;
  readonly serverName?: string;
  readonly userFile?: string;
  readonly passwordFile?: string;
}

/** Adds the options that say which broker to use, and who we are there. */
export function addBrokerOptions(command: Command, amqpUrl: string): Command {
  const { ca, cert, key, passphrase, serverName, user, password } = ADDRESS_VARIABLES;
  return command
    .option('--amqp-url <url>', amqpUrl)
    .option('--user-file <file>', `the file with the user's name; default: ${user}`)
    .option('--password-file <file>', `the file with the password; default: ${password}`)
    .option('--ca-file <file>', `the certificate of the broker's authority, in PEM; default: ${ca}`)
    .option('--cert-file <file>', `the client's certificate, in PEM; default: ${cert}`)
    .option('--key-file <file>', `the key of that certificate, in PEM; default: ${key}`)
    .option('--key-passphrase-file <file>', `the file with the passphrase of the key; default: ${passphrase}`)
    .option('--server-name <name>', `the name in the broker's certificate; default: ${serverName}`);
}

/**
 * The broker to use. The contents of files stay in the files, which are read for each connection.
 * @throws CommandError (69) if no broker is named; (2) if the address, or a file that it names, is wrong
 */
export async function addressOfFlags({ amqpUrl: given, ...flags }: BrokerFlags): Promise<string> {
  const amqpUrl = namedBroker(given, {
    ca: flags.caFile,
    cert: flags.certFile,
    key: flags.keyFile,
    passphrase: flags.keyPassphraseFile,
    serverName: flags.serverName,
    user: flags.userFile,
    password: flags.passwordFile,
  });
  if (amqpUrl === undefined) throw new CommandError('No RabbitMQ: set AMQP_URL.', EXIT.noBroker);
  if (!isAmqpUrl(amqpUrl)) {
    throw new CommandError(`The address of the broker must be a URL such as ${AMQP_URL_EXAMPLE}.`, EXIT.usage);
  }
  await Promise.all(addressesIn(amqpUrl).map(readAddress)).catch((cause: Error) => {
    throw new CommandError(cause.message, EXIT.usage, { cause });
  });
  return amqpUrl;
}

/** @throws CommandError (2) if certificates are named for a broker without TLS */
export function namedBroker(given: string | undefined, files?: AddressFiles): string | undefined {
  try {
    return namedAddress(given, files);
  } catch (cause) {
    throw new CommandError((cause as Error).message, EXIT.usage, { cause });
  }
}
