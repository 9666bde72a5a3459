import { exists, onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { ifPermitted } from '../connection/declare-missing.js';

const LONGEST_NAME = 255;

/**
 * An exchange next to another one that is deleted along with it: it deletes itself with its last binding, and its only binding
 * leads to the other. If it is gone, the other was deleted, even if someone has declared it again: nothing else in AMQP
 * distinguishes that from an exchange that was always there, and all bindings of the old one are lost. Checking needs no right.
 */
export function tripwireOf(exchange: string): string {
  return `${exchange}.tripwire`;
}

/** Creates it if it is missing and this user may. @returns whether there is one */
export async function setTripwire(connection: Connection, exchange: string): Promise<boolean> {
  const tripwire = tripwireOf(exchange);
  if (Buffer.byteLength(tripwire) > LONGEST_NAME) return false;
  if (await exists(connection, (channel) => channel.checkExchange(tripwire))) return true;
  const isDeclared = onOwnChannel(connection, async (channel) => {
    await channel.assertExchange(tripwire, 'fanout', { durable: true, autoDelete: true, internal: true });
    return true;
  });
  if ((await ifPermitted(isDeclared)) === undefined) return false;
  const isBound = onOwnChannel(connection, (channel) => channel.bindExchange(exchange, tripwire, '').then(() => true));
  if ((await ifPermitted(isBound)) === true) return true;
  // It would stay if it had no binding.
  await onOwnChannel(connection, (channel) => channel.deleteExchange(tripwire, { ifUnused: true }));
  return false;
}
