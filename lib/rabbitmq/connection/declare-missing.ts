import type { Channel } from 'amqplib';
import { exists, isAccessRefused, onOwnChannel } from './channel.js';
import type { Connection } from './connection.js';
import { RefusedError } from './refused.js';

/** What the broker says, or undefined where it refuses that to this user. @throws Error for any other refusal */
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
  /** Passive: it needs no right. */
  readonly check: (channel: Channel) => Promise<unknown>;
  readonly declare: (channel: Channel) => Promise<unknown>;
  /** The command by which somebody with more rights declares it. */
  readonly declaredBy?: string | undefined;
}

/**
 * Declares what is not there. What is there is left alone, so that it can be used without the right to configure it.
 * @returns whether it was missing
 * @throws RefusedError where it is missing, and this user may not declare it
 */
export async function declareMissing(connection: Connection, wanted: Declarable): Promise<boolean> {
  const { thing, check, declare, declaredBy = 'a user with that right must declare it first' } = wanted;
  if (await exists(connection, check)) return false;
  const isDeclared = onOwnChannel(connection, declare).then(() => true);
  if ((await ifPermitted(isDeclared)) === undefined) {
    throw new RefusedError(`${thing} is missing, and this user has no right to configure it: ${declaredBy}`);
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

/** What was refused on a connection: asked once more, it would be another line in the broker's log. */
const refused = new WeakMap<Connection, Set<string>>();

/**
 * Binds a queue, which changes nothing where it is bound. Nobody can see whether it is: who may not bind takes it for bound.
 * @returns whether this user may
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

/** A fanout exchange of a queue's name: who writes to the queue through it needs no right to write to every other one. */
export async function declareExchangeOf(connection: Connection, queue: string, declaredBy?: string): Promise<void> {
  await declareMissing(connection, {
    thing: `exchange ${queue}`,
    check: (channel) => channel.checkExchange(queue),
    declare: (channel) => channel.assertExchange(queue, 'fanout', { durable: true }),
    declaredBy,
  });
  await bindWherePermitted(connection, { queue, exchange: queue, routingKey: '' });
}
