import { resolve } from 'node:path';
import { onConnection } from '../../lib/rabbitmq/connection/connection.js';
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
 * @throws CommandError (69) where there is none, or it does not let us in.
 */
export async function requireBroker(given: string | undefined, log: Log): Promise<string> {
  const amqpUrl =
    (await findBroker({ runtimeFolder: runtimeFolder(), ...(given !== undefined && { amqpUrl: given }) })) ??
    (await findRunningBroker(resolve(SERVICES_OWN)))?.amqpUrl;
  if (amqpUrl === undefined) {
    throw new CommandError('No RabbitMQ: start one with `npm run broker`, or name one in AMQP_URL.', EXIT.noBroker);
  }
  if (!URL.canParse(amqpUrl)) {
    throw new CommandError(
      'The address of the broker is no URL such as amqp://user:password@host:5672/vhost.',
      EXIT.usage,
    );
  }
  try {
    await onConnection({ amqpUrl, connectionName: 'probe', log }, async () => undefined);
  } catch (cause) {
    const reason = cause instanceof AggregateError ? cause.errors.map(String).join(', ') : (cause as Error).message;
    throw new CommandError(`RabbitMQ at ${withoutPassword(amqpUrl)}: ${reason}`, EXIT.noBroker, { cause });
  }
  return amqpUrl;
}

/** For people and logs. */
export function withoutPassword(amqpUrl: string): string {
  const url = new URL(amqpUrl);
  url.password = '';
  return url.href;
}
