import type { Channel } from 'amqplib';
import { NO_STREAMS } from '../connection/amazon-mq.js';
import { exists, onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { type Binding, bindWherePermitted, declareMissing, ifPermitted } from '../connection/declare-missing.js';
import { FatalError } from '../connection/fatal-error.js';
import type { AdapterLog } from '../log.js';
import { type Declaration, type Difference, findDifferences, inWords } from './differences.js';

export interface ExchangeDeclaration {
  readonly name: string;
  /** `direct`, `fanout`, `topic`, `headers`, or a plugin's type such as `x-consistent-hash`. */
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete?: boolean;
  readonly internal?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete?: boolean;
  readonly exclusive?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export type BindingDeclaration = Binding;

/** What a broker should hold, as data. Declared in this order, each list in its own. */
export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
  readonly bindings: readonly BindingDeclaration[];
  /** The command that declares it, for the log line that a user without that right gets when something is missing. */
  readonly declaredBy?: string;
}

export function isStream({ arguments: args }: QueueDeclaration): boolean {
  return args?.['x-queue-type'] === 'stream';
}

export const EMPTY_TOPOLOGY: Topology = { exchanges: [], queues: [], bindings: [] };

/** The part of a topology that can be declared without streams. */
export function withoutStreams<Kind extends Topology>(topology: Kind): Kind {
  const streams = new Set(topology.queues.filter(isStream).map(({ name }) => name));
  return {
    ...topology,
    queues: topology.queues.filter(({ name }) => !streams.has(name)),
    bindings: topology.bindings.filter(({ queue }) => !streams.has(queue)),
  };
}

/** One exchange or queue: how it is declared, and how it is looked for. */
interface Part {
  readonly thing: string;
  readonly declaration: Declaration;
  readonly declare: (channel: Channel, declaration: Declaration) => Promise<unknown>;
  readonly check: (channel: Channel) => Promise<unknown>;
  readonly isQueue: boolean;
}

/**
 * Declares a topology; repeating it changes nothing. What exists with other arguments is used as it is, with a warning that says
 * what differs: it holds someone's messages, which would be lost otherwise. What already exists needs no right: if this user may
 * not configure or bind it, it is used as it is.
 * @returns what did not exist before, such as `queue orders`; only queues, which are young now (see young-queues.ts)
 * @throws FatalError for a stream on Amazon MQ, before anything is declared; RefusedError for what is missing and may not be
 *   declared by this user; Error for any other refusal
 */
export async function declareTopology(connection: Connection, topology: Topology, log: AdapterLog): Promise<string[]> {
  const streams = connection.isAmazonMq ? topology.queues.filter(isStream) : [];
  if (streams.length > 0) {
    throw new FatalError(`${streams.map(({ name }) => name).join(', ')} must not be declared: ${NO_STREAMS}`);
  }
  const created: string[] = [];
  const { declaredBy } = topology;
  /** The arguments that may not be read: each refusal is a line in the broker's log, and one of a kind says enough. */
  const unseen = new Set<boolean>();
  for (const { thing, declaration, declare, check, isQueue } of partsOf(topology)) {
    const wanted = { thing, check, declaredBy, declare: (channel: Channel) => declare(channel, declaration) };
    if (await declareMissing(connection, wanted)) {
      if (isQueue) created.push(thing);
      continue;
    }
    if (unseen.has(isQueue)) continue;
    const differences = await ifPermitted(findDifferences(connection, declaration, declare));
    if (differences === undefined) unseen.add(isQueue);
    else if (differences.length > 0)
      log.warn(`${thing} exists with other arguments; it is used as it is: ${inWords(differences)}`, {
        code: 'arguments-differ',
        differences,
      });
  }
  for (const binding of topology.bindings) await bindWherePermitted(connection, binding);
  return created;
}

/** Declares missing queues as plain durable ones. @returns which ones they were */
export async function declareMissingQueues(connection: Connection, queues: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const queue of queues) {
    if (await exists(connection, (channel) => channel.checkQueue(queue))) continue;
    await onOwnChannel(connection, (channel) => channel.assertQueue(queue, { durable: true }));
    missing.push(queue);
  }
  return missing;
}

/** An exchange or a queue that differs from its declaration. */
export interface Deviation {
  /** Such as `queue orders`. */
  readonly thing: string;
  /** Every visible difference, or that it does not exist. */
  readonly differences: readonly Difference[] | 'missing';
}

/**
 * Compares the broker with a topology, and changes nothing. Bindings cannot be seen over AMQP, and what this user may not
 * configure cannot be compared. @throws Error for any other refusal
 */
export async function checkTopology(connection: Connection, topology: Topology): Promise<Deviation[]> {
  const deviations: Deviation[] = [];
  for (const { thing, declaration, declare, check } of partsOf(topology)) {
    const differences = (await exists(connection, check))
      ? ((await ifPermitted(findDifferences(connection, declaration, declare))) ?? [])
      : 'missing';
    if (differences.length > 0) deviations.push({ thing, differences });
  }
  return deviations;
}

function partsOf({ exchanges, queues }: Topology): Part[] {
  return [
    ...exchanges.map(
      ({ name, ...declaration }): Part => ({
        thing: `exchange ${name}`,
        declaration,
        declare: (channel, { type = '', ...options }) => channel.assertExchange(name, type, options),
        check: (channel) => channel.checkExchange(name),
        isQueue: false,
      }),
    ),
    ...queues.map(
      ({ name, ...declaration }): Part => ({
        thing: `queue ${name}`,
        declaration,
        declare: (channel, options) => channel.assertQueue(name, options),
        check: (channel) => channel.checkQueue(name),
        isQueue: true,
      }),
    ),
  ];
}
