import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Log } from '../../lib/rabbitmq/log.js';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';

/** What the service's own demo and pages get. */
export interface Stage {
  readonly amqpUrl: string;
  readonly httpUrl: string;
  readonly print: (text: string) => void;
  /** For troubles. */
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Loads one function of a module that the service names in its settings. @throws Error that names the setting. */
export async function loadServiceFunction<Name extends keyof ServiceModules>(
  serviceDir: string,
  name: Name,
  file: string,
): Promise<ServiceModules[Name]> {
  const path = resolve(serviceDir, file);
  const setting = `custom.rabbitmq.${name}: ${file}`;
  if (!existsSync(path)) throw new Error(`${setting} does not exist; is it built?`);
  const module = (await import(pathToFileURL(path).href).catch((cause: Error) => {
    throw new Error(`${setting} cannot be loaded: ${cause.message}`, { cause });
  })) as Partial<ServiceModules>;
  const found = module[name];
  if (typeof found !== 'function') throw new Error(`${setting} exports no function ${name}`);
  return found as ServiceModules[Name];
}

/** The service's own pages, while they are served. */
export interface Pages {
  /** A line that says where they are. */
  readonly invitation: string;
  /** Resolves when they see what happens; the demo waits a little for it. */
  readonly watching?: Promise<void>;
  /** Resolves when the signal has aborted and all of it is gone. */
  readonly ended: Promise<void>;
}

interface ServiceModules {
  readonly topology: () => Topology | Promise<Topology>;
  readonly pages: (stage: Stage) => Promise<Pages>;
  readonly demo: (stage: Stage) => Promise<void>;
}
