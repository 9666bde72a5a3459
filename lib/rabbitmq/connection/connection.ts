import { type ChannelModel, connect, credentials } from 'amqplib';
import { type Backoff, backoffDelay, pause } from '../../waiting/backoff.js';
import { within } from '../../waiting/deadline.js';
import type { AdapterLog } from '../log.js';
import { addressesIn, addressNow, type BrokerAddress } from './address.js';
import { type AddressFileError, readAddress } from './address-files.js';
import { isAmazonMqUrl, saysAmazonMq } from './amazon-mq.js';
import { replyCode, SickNodeError } from './channel.js';
import { AMQP_URL_EXAMPLE, ConnectError, explainedConnectError, isAmqpUrl, withoutPassword } from './connect-error.js';
import { mostPropertyBytes, passProperties } from './exact-properties.js';
import { QueueMissingError, RefusedError } from './refused.js';
import { gatherWrites, SOCKET_BUFFER_BYTES, socketOf, stopHeartbeat } from './socket.js';

export interface ConnectionOptions {
  readonly amqpUrl: BrokerAddress;
  /** Shown in the broker's listings. */
  readonly connectionName: string;
  readonly log: AdapterLog;
  /** Default 10. A peer that is silent for two intervals is dead. */
  readonly heartbeatSeconds?: number;
  /** Default 10,000, for the whole handshake. If there are several addresses, each has two seconds at first. */
  readonly connectTimeoutMs?: number;
  /** How long the broker may take to answer a request. Default 60,000. */
  readonly answerTimeoutMs?: number;
  /** If there are several addresses, how many of them to try last. */
  readonly skip?: number;
  /** When it aborts, the connection's owner wants to end: waits for the broker end. */
  readonly signal?: AbortSignal;
}

export interface Connection {
  readonly model: ChannelModel;
  readonly vhost: string;
  /** The user that we logged in as, if the address says so. */
  readonly user: string | undefined;
  /** The maximum size of a message's properties, in bytes: they travel in one frame. */
  readonly mostPropertyBytes: number;
  /** How long the broker may take to answer. */
  readonly answerTimeoutMs: number;
  /** There are other addresses. */
  readonly hasOthers: boolean;
  /** It has no streams. */
  readonly isAmazonMq: boolean;
  /** Aborts when its owner wants to end. */
  readonly signal: AbortSignal;
  /** Whether the broker currently accepts no messages from us. */
  readonly blocked: boolean;
  /** The broker's reason: `low on disk`, or `low on memory`. */
  readonly blockedBecause: string | undefined;
  /** Resolves at once, or when the broker accepts messages from us again, or when the connection ends. */
  unblocked(): Promise<void>;
  /** Never hangs and never throws: if the closing handshake gets no answer, the socket is destroyed. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 2_000;
/** A node that hangs must not keep us from the others. */
const FIRST_TRY_MS = 2_000;

/**
 * Opens one connection, to the first address that accepts it.
 * @throws ConnectError if none does, or none answers in time; FatalError for an invalid address
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { connectionName, log, connectTimeoutMs = 10_000 } = options;
  const given = await addressNow(options.amqpUrl);
  // Anything else would be taken as an address on this machine, with the password as part of a path.
  if (!isAmqpUrl(given)) throw new FatalError(`amqpUrl must be a URL such as ${AMQP_URL_EXAMPLE}`);
  const addresses = addressesIn(given);
  const skipped = (options.skip ?? 0) % addresses.length;
  const inTurn = [...addresses.slice(skipped), ...addresses.slice(0, skipped)];
  const hasOthers = addresses.length > 1;
  let failures: ConnectError[] = [];
  for (const timeoutMs of hasOthers ? [FIRST_TRY_MS, connectTimeoutMs] : [connectTimeoutMs]) {
    failures = [];
    for (const amqpUrl of inTurn) {
      try {
        const connection = await openAt(amqpUrl, { ...options, connectTimeoutMs: timeoutMs, hasOthers });
        const details = { connectionName, address: withoutPassword(amqpUrl) };
        if (amqpUrl !== addresses[0]) {
          log.warn('connected to a later address, because the earlier ones failed', {
            code: 'other-address',
            ...details,
            because:
              failures.length > 0 ? wordsOfAll(failures) : 'the last session settled nothing, or its node was sick',
          });
        } else if (hasOthers) {
          log.info('connected to the first address', { code: 'first-address', ...details });
        }
        return connection;
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
        failures.push(error);
      }
    }
    if (!failures.some(({ timedOut }) => timedOut)) break;
  }
  throw joined(failures);
}

/** All errors as one. */
function joined(failures: readonly ConnectError[]): ConnectError {
  const [first, ...others] = failures;
  if (first !== undefined && others.length === 0) return first;
  const hint = failures.every(({ isSilent }) => isSilent)
    ? ' Nodes of a cluster serve no one while most of them are away.'
    : '';
  return new ConnectError(
    wordsOfAll(failures) + hint,
    failures.every(({ ofVirtualHost }) => ofVirtualHost),
    { cause: new AggregateError(failures) },
  );
}

function wordsOfAll(failures: readonly ConnectError[]): string {
  return failures.map(({ message }) => message).join(' ');
}

async function openAt(
  amqpUrl: string,
  options: ConnectionOptions & { readonly connectTimeoutMs: number; readonly hasOthers: boolean },
): Promise<Connection> {
  const { connectionName, log, heartbeatSeconds = 10, connectTimeoutMs, hasOthers, signal } = options;
  const { url, tls, isExternal } = await readAddress(amqpUrl).catch((cause: AddressFileError) => {
    throw new ConnectError(cause.message, false, { cause });
  });
  url.searchParams.set('heartbeat', String(heartbeatSeconds));
  const socketOptions = {
    ...tls,
    timeout: connectTimeoutMs,
    noDelay: true,
    keepAlive: true,
    writableHighWaterMark: SOCKET_BUFFER_BYTES,
    clientProperties: { connection_name: connectionName },
    // amqplib decodes those in an address as Latin-1 (2.3.1).
    ...credentialsOf(url, isExternal),
  };
  const model = await connect(url.href, socketOptions).catch(async (cause: unknown) => {
    throw await explainedConnectError({ url, tls, isExternal }, cause);
  });
  // First of all; otherwise the next socket error would be an uncaught exception.
  model.on('error', (error: Error) => {
    const hint = isMinorityTimeout(error) ? ': nodes of a cluster change nothing while most of them are away' : '';
    log.warn(`connection error${hint}`, { code: 'connection-error', connectionName, error });
  });
  gatherWrites(socketOf(model));
  passProperties(model);
  let closing: Promise<void> | undefined;
  let released = Promise.resolve();
  let release = (): void => undefined;
  let blockedBecause: string | undefined;
  model.on('blocked', (reason) => {
    log.warn('the broker accepts no messages for now', { code: 'broker-blocks', connectionName, reason });
    blockedBecause = String(reason);
    released = new Promise((resolve) => {
      release = () => {
        blockedBecause = undefined;
        resolve();
      };
    });
  });
  model.on('unblocked', () => release());
  // Close codes 320 and 200 emit only this, no error.
  model.on('close', () => release());
  return {
    model,
    vhost: decodeURIComponent(url.pathname.slice(1)) || '/',
    user: url.username === '' || isExternal ? undefined : decodeURIComponent(url.username),
    mostPropertyBytes: mostPropertyBytes(model),
    answerTimeoutMs: options.answerTimeoutMs ?? 60_000,
    hasOthers,
    isAmazonMq: isAmazonMqUrl(amqpUrl) || saysAmazonMq(model.connection.serverProperties),
    signal: signal ?? new AbortController().signal,
    get blocked() {
      return blockedBecause !== undefined;
    },
    get blockedBecause() {
      return blockedBecause;
    },
    unblocked: () => released,
    // A second close would end the socket before the first handshake is over.
    close: () => {
      closing ??= closeConnection(model);
      return closing;
    },
  };
}

function credentialsOf(url: URL, isExternal: boolean) {
  if (isExternal) return { credentials: credentials.external() };
  if (url.username === '') return {};
  return { credentials: credentials.plain(decodeURIComponent(url.username), decodeURIComponent(url.password)) };
}

/** The answer of a node with Khepri that accepts clients but cannot reach the others (tried with RabbitMQ 4.3.6). */
function isMinorityTimeout(error: Error): boolean {
  return replyCode(error) === 541 && error.message.endsWith('due to timeout"');
}

async function closeConnection(model: ChannelModel): Promise<void> {
  // An already closed model rejects, and a dead peer never answers (amqplib waits forever).
  await within(CLOSE_TIMEOUT_MS, model.close()).catch(() => undefined);
  // amqplib only half-closes its socket, and a peer that is gone never closes the other half: the process would not exit.
  socketOf(model).destroy();
  stopHeartbeat(model);
}

/** Ends a runner for good, because reconnecting would not help. */
export class FatalError extends Error {
  override readonly name: string = 'FatalError';
}

/** A missing queue is looked for at least this often. */
const MISSING_MS = 2_000;

/** A queue cannot be served until someone changes the service or the broker; other queues can. */
export class UnservableError extends FatalError {
  override readonly name = 'UnservableError';
}

export interface Supervision extends ConnectionOptions {
  readonly signal: AbortSignal;
  readonly backoff: Backoff;
  /** Called after every failed attempt, whatever the reason. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Runs `session` on a connection, and again on a new one whenever it throws, until the signal aborts. The backoff starts over
 * after a session that reports success, or that lasts longer than the longest wait.
 * @throws FatalError that a session threw
 */
export async function superviseConnection(
  supervision: Supervision,
  session: (connection: Connection, works: () => void) => Promise<void>,
): Promise<void> {
  const { signal, backoff, log, connectionName } = supervision;
  /** A node may accept all clients and serve none: after a session that settled nothing, another node is tried first. */
  let skip = 0;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const startedAt = performance.now();
    let hasWorked = false;
    const works = (): void => {
      attempt = 0;
      hasWorked = true;
    };
    try {
      await onConnection({ ...supervision, skip }, (connection) => session(connection, works));
    } catch (error) {
      skip = hasWorked && !(error instanceof SickNodeError) ? 0 : skip + 1;
      if (error instanceof FatalError) throw error;
      if (signal.aborted) {
        log.warn('stopped in the middle of a batch; the broker will deliver it again', {
          code: 'stopped-in-batch',
          connectionName,
          error,
        });
        return;
      }
      if (performance.now() - startedAt > backoff.maxMs) attempt = 0;
      const mostMs = error instanceof QueueMissingError ? Math.min(MISSING_MS, backoff.maxMs) : backoff.maxMs;
      const delayMs = Math.round(backoffDelay(attempt, { ...backoff, maxMs: mostMs }));
      supervision.onFailure?.(error);
      if (error instanceof ConnectError || error instanceof RefusedError)
        log.warn(error.message, { code: 'connect-failed', connectionName, delayMs });
      else log.warn('session ended; reconnecting', { code: 'session-ended', connectionName, delayMs, error });
      await pause(delayMs, signal);
    }
  }
}

/**
 * Does something on a separate connection, which is closed afterwards. @throws Error if the broker refuses, or what `work` throws
 */
export async function onConnection<Result>(
  options: ConnectionOptions,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const connection = await openConnection(options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
