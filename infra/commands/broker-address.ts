import { resolve } from 'node:path';
import { type KeySource, namedKeys } from '../../lib/rabbitmq/changelog/keys.js';
import type { BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import { isAmazonMqUrl, NO_STREAMS } from '../../lib/rabbitmq/connection/amazon-mq.js';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { firstRunning, privateAddress } from '../broker/find-broker.js';
import { keysOfPrivate } from '../broker/private-keys.js';
import { namedBroker } from './broker-options.js';
import { CommandError, EXIT } from './command-line.js';

/** Where `serverless offline` keeps the broker of a service that sets no other folder (settings.ts). */
const SERVICES_OWN = '.rabbitmq';

/** Where this project keeps its runtime files: the address of its private broker, and the broker itself. */
export function runtimeFolder(): string {
  return resolve('.smart-shopping');
}

/** The keys that sign changelogs on the broker in use: those that the environment names, or the private broker's. */
export async function changelogKeys(given: string | undefined): Promise<KeySource | undefined> {
  return namedKeys() ?? keysOfPrivate(namedBroker(given), [runtimeFolder(), resolve(SERVICES_OWN)]);
}

export interface Requirements {
  /** Checks what is on it. */
  readonly check?: (connection: Connection) => Promise<void>;
  /** What needs streams, such as `events`. */
  readonly streamsFor?: string;
}

/**
 * The broker to use: as given, `AMQP_URL`, or the project's private one, looked up for each connection.
 * @throws CommandError (69) if there is none, or if it refuses the login; (1) if streams are needed and it is Amazon MQ; whatever
 *   `check` throws
 */
export async function requireBroker(
  given: string | undefined,
  log: Log,
  { check, streamsFor }: Requirements = {},
): Promise<BrokerAddress> {
  const named = namedBroker(given);
  const folders = [runtimeFolder(), resolve(SERVICES_OWN)];
  const amqpUrl = named ?? (await firstRunning(folders));
  if (amqpUrl === undefined) {
    throw new CommandError('No RabbitMQ: start one with `npm run broker`, or set AMQP_URL.', EXIT.noBroker);
  }
  if (!isAmqpUrl(amqpUrl)) {
    throw new CommandError(`The address of the broker must be a URL such as ${AMQP_URL_EXAMPLE}.`, EXIT.usage);
  }
  // Checked before anyone waits for it.
  if (isAmazonMqUrl(amqpUrl)) refuseWithoutStreams(streamsFor);
  try {
    await onConnection({ amqpUrl, connectionName: 'probe', log }, async (connection) => {
      if (connection.isAmazonMq) refuseWithoutStreams(streamsFor);
      await check?.(connection);
    });
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError((cause as Error).message, EXIT.noBroker, { cause });
  }
  return named ?? privateAddress(folders, amqpUrl);
}

function refuseWithoutStreams(streamsFor: string | undefined): void {
  if (streamsFor === undefined) return;
  throw new CommandError(
    `Streams are needed for ${streamsFor}, but ${NO_STREAMS}. Use your own broker (RabbitMQ 3.10 or newer) for that.`,
  );
}
