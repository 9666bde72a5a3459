import type { Channel } from 'amqplib';
import { exists, isAccessRefused, onOwnChannel } from './channel.js';
import type { Connection } from './connection.js';
import { RefusedError } from './refused.js';

/** The broker's answer, or undefined if it refuses the request to this user. @throws Error for any other refusal */
export async function ifPermitted<Result>(asking: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (isAccessRefused(error)) return undefined;
    throw error;
  }
}

/** An exchange or a queue, and how it is looked for and declared. */
export interface Declarable {
  /** Such as `queue orders`. */
  readonly thing: string;
  /** Passive, which needs no right. */
  readonly check: (channel: Channel) => Promise<unknown>;
  readonly declare: (channel: Channel) => Promise<unknown>;
  /** The command with which a user with more rights declares it. */
  readonly declaredBy?: string | undefined;
}

/**
 * Declares what is missing. Whatever exists is left alone, so that it can be used without the right to configure it.
 * @returns whether it was missing
 * @throws RefusedError if it is missing and this user may not declare it
 */
export async function declareMissing(connection: Connection, wanted: Declarable): Promise<boolean> {
  const { thing, check, declare, declaredBy = 'a user with that right must declare it first' } = wanted;
  if (await exists(connection, check)) return false;
  const isDeclared = onOwnChannel(connection, declare).then(() => true);
  if ((await ifPermitted(isDeclared)) === undefined) {
    throw new RefusedError(`${thing} is missing, and this user has no right to configure it: ${declaredBy}`, {
      undeclared: thing,
    });
  }
  return true;
}

/** A binding as it is declared. */
export interface Binding {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What was refused on a connection: repeating the request would add another line to the broker's log. */
const refused = new WeakMap<Connection, Set<string>>();

/**
 * Binds a queue, which changes nothing if it is already bound. A binding cannot be seen: a user who may not bind assumes that it
 * exists.
 * @returns whether this user may bind
 */
export async function bindWherePermitted(connection: Connection, binding: Binding): Promise<boolean> {
  const { queue, exchange, routingKey, arguments: args } = binding;
  const known = refused.get(connection) ?? new Set();
  const key = JSON.stringify([queue, exchange, routingKey]);
  if (known.has(key)) return false;
  const bound = onOwnChannel(connection, (channel) => channel.bindQueue(queue, exchange, routingKey, args));
  if ((await ifPermitted(bound.then(() => true))) === true) return true;
  refused.set(connection, known.add(key));
  return false;
}

/** A fanout exchange with a queue's name: writing to the queue through it does not need the right to write to all others. */
export async function declareExchangeOf(connection: Connection, queue: string, declaredBy?: string): Promise<void> {
  await declareMissing(connection, {
    thing: `exchange ${queue}`,
    check: (channel) => channel.checkExchange(queue),
    declare: (channel) => channel.assertExchange(queue, 'fanout', { durable: true }),
    declaredBy,
  });
  await bindWherePermitted(connection, { queue, exchange: queue, routingKey: '' });
}
