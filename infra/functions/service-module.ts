import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { loadModule } from './load-module.js';
import type { ServiceTopology } from './topology-schema.js';

/** What the service's own demo and pages receive. */
export interface ServiceContext {
  /** The broker's address at the start. */
  readonly amqpUrl: string;
  /**
   * The same, or a function that returns it for each connection: a private broker that another command starts again has a
   * different password.
   */
  readonly address: BrokerAddress;
  readonly httpUrl: string;
  readonly print: (text: string) => void;
  /** For troubles. */
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Loads one function of a module that the service names in its settings. @throws Error that names the setting */
export async function loadServiceFunction<Name extends keyof ServiceModules>(
  serviceDir: string,
  name: Name,
  file: string,
): Promise<ServiceModules[Name]> {
  const path = resolve(serviceDir, file);
  const setting = `custom.rabbitmq.${name}: ${file}`;
  if (!existsSync(path)) throw new Error(`${setting} does not exist; has it been built?`);
  const module = (await loadModule(path, serviceDir).catch((cause: Error) => {
    throw new Error(`${setting} cannot be loaded: ${cause.message}`, { cause });
  })) as Partial<ServiceModules> & { readonly default?: Partial<ServiceModules> };
  const found = module[name] ?? module.default?.[name];
  if (typeof found !== 'function') throw new Error(`${setting} does not export a function ${name}`);
  return found as ServiceModules[Name];
}

/** The service's own pages, while they are being served. */
export interface Pages {
  /** A line with their address. */
  readonly invitation: string;
  /** Resolves when they receive events; the demo waits briefly for it. */
  readonly watching?: Promise<void>;
  /** Resolves when the signal has aborted and everything has stopped. */
  readonly ended: Promise<void>;
}

/**
 * What the modules named in `custom.rabbitmq` export.
 * @example
 * import type { ServiceModules } from 'smart-shopping/serverless-offline-rabbitmq';
 * export const topology: ServiceModules['topology'] = () => ({
 *   exchanges: [],
 *   queues: [{ name: 'orders', durable: true, arguments: { 'x-queue-type': 'quorum' } }],
 *   bindings: [],
 * });
 */
export interface ServiceModules {
  /** A topology, or several, one for each virtual host. */
  readonly topology: () => ServiceTopology | readonly ServiceTopology[];
  readonly pages: (context: ServiceContext) => Promise<Pages>;
  readonly demo: (context: ServiceContext) => Promise<void>;
}
