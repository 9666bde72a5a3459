import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Topology } from '../../lib/rabbitmq/topology/topology.js';

/** What the service's own demo gets. */
export interface Stage {
  readonly amqpUrl: string;
  readonly httpUrl: string;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Loads one function of a module that the service names in its settings. @throws Error that names the setting. */
export async function loadServiceFunction<Name extends keyof ServiceModules>(
  serviceDir: string,
  name: Name,
  file: string,
): Promise<ServiceModules[Name]> {
  const module = (await import(pathToFileURL(resolve(serviceDir, file)).href)) as Partial<ServiceModules>;
  const found: ServiceModules[Name] | undefined = module[name];
  if (found === undefined) throw new Error(`custom.rabbitmq.${name}: ${file} exports no function ${name}`);
  return found;
}

interface ServiceModules {
  readonly topology: () => Topology | Promise<Topology>;
  readonly demo: (stage: Stage) => Promise<void>;
}
