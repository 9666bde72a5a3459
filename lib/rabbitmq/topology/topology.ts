import type { Channel } from 'amqplib';
import { onOwnChannel, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import type { Log } from '../log.js';

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

export interface BindingDeclaration {
  readonly exchange: string;
  readonly queue: string;
  readonly routingKey: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What a broker should hold, as data. Declared in this order, each list in its own. */
export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
  readonly bindings: readonly BindingDeclaration[];
}

const PRECONDITION_FAILED = 406;

/**
 * Declares a topology; repeating it changes nothing. What exists with other arguments is adopted with a warning that
 * carries the broker's words: it holds someone's messages, and fighting it would lose them.
 * @throws Error for any other refusal, such as missing permissions.
 */
export async function declareTopology(connection: Connection, topology: Topology, log: Log): Promise<void> {
  for (const { name, type, ...options } of topology.exchanges) {
    await adopt(connection, log, `exchange ${name}`, (channel) => channel.assertExchange(name, type, options));
  }
  for (const { name, ...options } of topology.queues) {
    await adopt(connection, log, `queue ${name}`, (channel) => channel.assertQueue(name, options));
  }
  for (const { exchange, queue, routingKey, arguments: args } of topology.bindings) {
    await onOwnChannel(connection, (channel) => channel.bindQueue(queue, exchange, routingKey, args));
  }
}

async function adopt(
  connection: Connection,
  log: Log,
  thing: string,
  declare: (channel: Channel) => Promise<unknown>,
): Promise<void> {
  try {
    await onOwnChannel(connection, declare);
  } catch (error) {
    if (replyCode(error) !== PRECONDITION_FAILED) throw error;
    log.warn(`${thing} exists with other arguments; it is used as it is`, { broker: (error as Error).message });
  }
}
