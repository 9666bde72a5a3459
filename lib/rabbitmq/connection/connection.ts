import { type ChannelModel, connect, credentials } from 'amqplib';
import { within } from '../../waiting/deadline.js';
import type { AdapterLog } from '../log.js';
import type { BrokerAddress } from './address.js';
import { type AddressFileError, readAddress } from './address-files.js';
import { isAmazonMqUrl, saysAmazonMq } from './amazon-mq.js';
import { replyCode } from './channel.js';
import { ConnectError, explainedConnectError } from './connect-error.js';
import { mostPropertyBytes, passProperties } from './exact-properties.js';
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
/** Opens one connection to one address. @throws ConnectError */
export async function openAt(
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
