import type { Channel, ConfirmChannel } from 'amqplib';
import { DeadlineError, within } from '../../waiting/deadline.js';
import type { Connection } from './connection.js';
import { QueueUnavailableError, UNAVAILABLE_PATIENCE_MS, untilAvailable } from './unavailable.js';

const CLOSE_TIMEOUT_MS = 2_000;

/** The channel, or the connection under it, is closed: nothing more can be sent or acknowledged on it. */
export class ChannelGoneError extends Error {
  override readonly name = 'ChannelGoneError';
}

/** A node is connected but does not do what it should: another one may. */
export class SickNodeError extends ChannelGoneError {}

/** A channel whose end is known, whoever ended it. */
export interface OpenChannel<Kind extends Channel> {
  readonly channel: Kind;
  /** Set once the channel is gone. */
  gone(): ChannelGoneError | undefined;
  onGone(listener: (error: ChannelGoneError) => void): void;
  /** Never hangs and never throws. */
  close(): Promise<void>;
}

/** @throws ChannelGoneError if the connection is gone; SickNodeError */
export async function openChannel(connection: Connection): Promise<OpenChannel<Channel>> {
  return watched(await opened(connection, connection.model.createChannel()));
}

/** @throws ChannelGoneError if the connection is gone; SickNodeError */
export async function openConfirmChannel(connection: Connection): Promise<OpenChannel<ConfirmChannel>> {
  return watched(await opened(connection, connection.model.createConfirmChannel()));
}

/**
 * Waits for the broker's answer. Heartbeats do not guarantee one: a part of a node may hang while another sends heartbeats.
 * @throws SickNodeError if no answer comes in time; whatever `asking` throws
 */
export async function answered<Result>(connection: Connection, asking: Promise<Result>): Promise<Result> {
  const { answerTimeoutMs } = connection;
  for (;;) {
    try {
      return await within(answerTimeoutMs, asking);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      if (!connection.blocked) {
        throw new SickNodeError(`the broker has not answered for ${answerTimeoutMs} ms`, { cause: error });
      }
      // While it is short of memory or disk, the broker reads nothing from a client that publishes.
      await connection.unblocked();
    }
  }
}

/**
 * Sends the broker a request that it may refuse. A refusal closes the channel, so this channel is used for nothing else. While
 * the broker answers that a queue is unavailable the request is repeated, so `ask` must be repeatable.
 * @throws QueueUnavailableError if that lasts for `patienceMs`
 */
export async function onOwnChannel<Result>(
  connection: Connection,
  ask: (channel: Channel) => Promise<Result>,
  patienceMs = UNAVAILABLE_PATIENCE_MS,
): Promise<Result> {
  const askOnce = async (): Promise<Result> => {
    const own = await openChannel(connection);
    try {
      return await answered(connection, ask(own.channel));
    } finally {
      await own.close();
    }
  };
  return untilAvailable(askOnce, patienceMs, connection.signal);
}

const NOT_FOUND = 404;

/**
 * Whether the thing that a check looks for exists.
 * @throws whatever else the broker answers, including that a queue exists but cannot be reached
 */
export async function exists(connection: Connection, check: (channel: Channel) => Promise<unknown>): Promise<boolean> {
  try {
    await onOwnChannel(connection, check);
    return true;
  } catch (error) {
    if (replyCode(error) === NOT_FOUND && !(error instanceof QueueUnavailableError)) return false;
    throw error;
  }
}

const ACCESS_REFUSED = 403;

/** Whether the broker has refused something because this user lacks a right. */
export function isAccessRefused(error: unknown): boolean {
  return replyCode(error) === ACCESS_REFUSED;
}

/** The AMQP reply code of a refusal, such as 404 or 406, or of an error that ended a channel. */
export function replyCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = (error instanceof ChannelGoneError ? Object(error.cause) : error) as { code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

async function opened<Kind extends Channel>(connection: Connection, opening: Promise<Kind>): Promise<Kind> {
  try {
    return await answered(connection, opening);
  } catch (cause) {
    if (cause instanceof SickNodeError) throw cause;
    throw new ChannelGoneError('no channel could be opened', { cause });
  }
}

function watched<Kind extends Channel>(channel: Kind): OpenChannel<Kind> {
  let gone: ChannelGoneError | undefined;
  const listeners: ((error: ChannelGoneError) => void)[] = [];
  // This comes before anyone learns that what was in progress on it is over.
  channel.on('error', (cause: Error) => {
    gone ??= new ChannelGoneError(cause.message, { cause });
  });
  channel.on('close', () => {
    gone ??= new ChannelGoneError('channel closed');
    for (const listener of listeners) listener(gone);
  });
  return {
    channel,
    gone: () => gone,
    onGone: (listener) => {
      if (gone === undefined) listeners.push(listener);
      else listener(gone);
    },
    close: async () => {
      if (gone === undefined) await within(CLOSE_TIMEOUT_MS, channel.close()).catch(() => undefined);
    },
  };
}
