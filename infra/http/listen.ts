import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { makeRoom } from './make-room.js';
import { namesOf, type OwnNames } from './own-names.js';

export interface ListenOptions {
  /** The interface to listen on, and a name that requests may use. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** The public address at a proxy. */
  readonly publicOrigin?: string | undefined;
  /** Certificate and key, in PEM; without them it is plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Stops the server: requests in progress are finished if `patient`, and cut off if they might never end. */
  readonly signal: AbortSignal;
  readonly patient: boolean;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8080`; if it listens on all addresses, one that other machines can reach; or the public one. */
  readonly origin: string;
  /** Resolves when the server has stopped and its connections are closed. */
  readonly ended: Promise<void>;
}

/** A request has a few kilobytes at most. In milliseconds. */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000 };

/** Serves an app that is created for the server's own names. @throws Error if the port is in use */
export async function listen(
  makeApp: (names: () => OwnNames) => Pick<Hono, 'fetch'>,
  options: ListenOptions,
): Promise<RunningServer> {
  const { host, port, publicOrigin, tls, signal, patient } = options;
  const scheme = tls === undefined ? 'http' : 'https';
  // Known once it listens; querying the server for each request is a system call.
  const hosts = namesOf(host);
  let names: OwnNames = { hosts, port, scheme, publicOrigin };
  const app = makeApp(() => names);
  const server = createAdaptorServer({
    fetch: app.fetch,
    ...(tls === undefined
      ? { serverOptions: PATIENCE }
      : { createServer: createTlsServer, serverOptions: { ...PATIENCE, ...tls, minVersion: 'TLSv1.2' } }),
  }) as Server;
  makeRoom(server);
  server.listen(port, host);
  await once(server, 'listening');
  names = { ...names, port: (server.address() as AddressInfo).port };
  return { origin: publicOrigin ?? `${scheme}://${hosts[0]}:${names.port}`, ended: closed(server, signal, patient) };
}

async function closed(server: Server, signal: AbortSignal, patient: boolean): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  const over = once(server, 'close');
  server.close();
  if (patient) server.closeIdleConnections();
  else server.closeAllConnections();
  await over;
}
