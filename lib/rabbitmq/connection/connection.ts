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
  /** Shown by the broker's listings. */
  readonly connectionName: string;
  readonly log: AdapterLog;
  /** Default 10. A peer that is silent for two of them is dead. */
  readonly heartbeatSeconds?: number;
  /** Default 10,000; covers the whole handshake. Of several addresses each has two seconds at first. */
  readonly connectTimeoutMs?: number;
  /** How long the broker may take to answer a question. Default 60,000. */
  readonly answerTimeoutMs?: number;
  /** Of several addresses, how many to leave for last. */
  readonly skip?: number;
  /** Aborted, the connection's owner wants to end: what would wait for the broker waits no longer. */
  readonly signal?: AbortSignal;
}

export interface Connection {
  readonly model: ChannelModel;
  readonly vhost: string;
  /** As whom we were let in, where the address says it. */
  readonly user: string | undefined;
  /** Most bytes of properties that the broker takes with a message: they travel in one frame. */
  readonly mostPropertyBytes: number;
  /** How long the broker may take to answer. */
  readonly answerTimeoutMs: number;
  /** There are other addresses. */
  readonly hasOthers: boolean;
  /** It has no streams. */
  readonly isAmazonMq: boolean;
  /** Aborts when its owner wants to end. */
  readonly signal: AbortSignal;
  /** Whether the broker takes no messages from us at this moment. */
  readonly blocked: boolean;
  /** Why, as the broker says it: `low on disk`, or `low on memory`. */
  readonly blockedBecause: string | undefined;
  /** Resolves at once, or when the broker takes messages from us again, or when the connection ends. */
  unblocked(): Promise<void>;
  /** Never hangs and never throws: where the closing handshake gets no answer, the socket is destroyed. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 2_000;
/** A node that hangs keeps nobody from the others. */
const FIRST_TRY_MS = 2_000;

/**
 * Opens one connection, at the first address that lets us in.
 * @throws ConnectError if none does, or none answers in time; FatalError for what is no address
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { connectionName, log, connectTimeoutMs = 10_000 } = options;
  const given = await addressNow(options.amqpUrl);
  // Anything else would be the address of the machine itself, and the password part of a path.
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

/** What all of them say, as one. */
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
    // amqplib decodes those of an address as Latin-1 (2.3.1).
    ...credentialsOf(url, isExternal),
  };
  const model = await connect(url.href, socketOptions).catch(async (cause: unknown) => {
    throw await explainedConnectError({ url, tls, isExternal }, cause);
  });
  // First of all, or the next socket error is an uncaught exception.
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
  // Closes 320 and 200 emit only this, no error.
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
    // A second time would end the socket before the first has said goodbye.
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

/** What a node with Khepri says that lets clients in and cannot ask the others (RabbitMQ 4.3.6, tried). */
function isMinorityTimeout(error: Error): boolean {
  return replyCode(error) === 541 && error.message.endsWith('due to timeout"');
}

async function closeConnection(model: ChannelModel): Promise<void> {
  // An already closed model rejects, a dead peer never answers (amqplib waits for ever).
  await within(CLOSE_TIMEOUT_MS, model.close()).catch(() => undefined);
  // amqplib only half-closes its socket, and a peer that is gone never closes the other half: the process would stay.
  socketOf(model).destroy();
  stopHeartbeat(model);
}

/** Ends a runner for good: reconnecting would not help. */
export class FatalError extends Error {
  override readonly name: string = 'FatalError';
}

/** A queue that is missing is looked for at least as often as this. */
const MISSING_MS = 2_000;

/** A queue cannot be served before somebody changes the service, or the broker: other queues can be. */
export class UnservableError extends FatalError {
  override readonly name = 'UnservableError';
}

export interface Supervision extends ConnectionOptions {
  readonly signal: AbortSignal;
  readonly backoff: Backoff;
  /** Told of every failed attempt, whatever it failed at. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Runs `session` on a connection, and again on a new one whenever it throws, until the signal aborts. A session that says
 * that it works, or lasts longer than the longest wait, starts the backoff anew.
 * @throws FatalError that a session threw.
 */
export async function superviseConnection(
  supervision: Supervision,
  session: (connection: Connection, works: () => void) => Promise<void>,
): Promise<void> {
  const { signal, backoff, log, connectionName } = supervision;
  /** A node may let everybody in and serve nobody: after a session that settled nothing another one is tried first. */
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

/** Does something on a connection of its own, closed afterwards. @throws Error if the broker refuses, or what `work` throws. */
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
