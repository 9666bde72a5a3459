import { resolve } from 'node:path';
import { AMQP_URL_EXAMPLE, isAmqpUrl } from '../../lib/rabbitmq/connection/connect-error.js';
import { type Connection, onConnection } from '../../lib/rabbitmq/connection/connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { findBroker, findRunningBroker } from '../broker/find-broker.js';
import { CommandError, EXIT } from './command-line.js';

/** Where `serverless offline` keeps the broker of a service that names no other folder (settings.ts). */
const SERVICES_OWN = '.rabbitmq';

/** Where this project keeps what runs: the address of its private broker, and the broker itself. */
export function runtimeFolder(): string {
  return resolve('.smart-shopping');
}

/**
 * The address of the broker to use: as given, `AMQP_URL`, or the project's private one.
 *
 * @param check looks at what is on it
 * @throws CommandError (69) where there is none, or it does not let us in; what `check` throws
 */
export async function requireBroker(
  given: string | undefined,
  log: Log,
  check: (connection: Connection) => Promise<void> = async () => undefined,
): Promise<string> {
  const amqpUrl =
    (await findBroker({ runtimeFolder: runtimeFolder(), ...(given !== undefined && { amqpUrl: given }) })) ??
    (await findRunningBroker(resolve(SERVICES_OWN)))?.amqpUrl;
  if (amqpUrl === undefined) {
    throw new CommandError('No RabbitMQ: start one with `npm run broker`, or name one in AMQP_URL.', EXIT.noBroker);
  }
  if (!isAmqpUrl(amqpUrl)) {
    throw new CommandError(`The address of the broker must be a URL such as ${AMQP_URL_EXAMPLE}.`, EXIT.usage);
  }
  try {
    await onConnection({ amqpUrl, connectionName: 'probe', log }, check);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError((cause as Error).message, EXIT.noBroker, { cause });
  }
  return amqpUrl;
}
