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

/** What a command is told of the broker. */
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

/** Adds what says which broker is meant, and who we are there. */
export function addBrokerOptions(command: Command, amqpUrl: string): Command {
  const { ca, cert, key, passphrase, serverName, user, password } = ADDRESS_VARIABLES;
  return command
    .option('--amqp-url <url>', amqpUrl)
    .option('--user-file <file>', `holds the user's name; else ${user}`)
    .option('--password-file <file>', `holds the password; else ${password}`)
    .option('--ca-file <file>', `of the authority that vouches for the broker, in PEM; else ${ca}`)
    .option('--cert-file <file>', `our certificate, in PEM; else ${cert}`)
    .option('--key-file <file>', `its key, in PEM; else ${key}`)
    .option('--key-passphrase-file <file>', `holds what opens the key; else ${passphrase}`)
    .option('--server-name <name>', `that the broker's certificate is for; else ${serverName}`);
}

/**
 * The broker that is meant. What files hold stays there, and is read for each connection anew.
 * @throws CommandError (69) where none is named; (2) where the address, or a file of it, is wrong
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
  if (amqpUrl === undefined) throw new CommandError('No RabbitMQ: name one in AMQP_URL.', EXIT.noBroker);
  if (!isAmqpUrl(amqpUrl)) {
    throw new CommandError(`The address of the broker must be a URL such as ${AMQP_URL_EXAMPLE}.`, EXIT.usage);
  }
  await Promise.all(addressesIn(amqpUrl).map(readAddress)).catch((cause: Error) => {
    throw new CommandError(cause.message, EXIT.usage, { cause });
  });
  return amqpUrl;
}

/** @throws CommandError (2) where certificates are named for a broker that is not asked for any */
export function namedBroker(given: string | undefined, files?: AddressFiles): string | undefined {
  try {
    return namedAddress(given, files);
  } catch (cause) {
    throw new CommandError((cause as Error).message, EXIT.usage, { cause });
  }
}
