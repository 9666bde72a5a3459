import { loadServiceFunction } from './service-module.js';
import { readTopologies, type ServiceTopology } from './topology-schema.js';

/** What the module in `custom.rabbitmq.topology` declares. @throws Error that names the setting */
export async function loadTopologies(serviceDir: string, file: string): Promise<readonly ServiceTopology[]> {
  const declare = await loadServiceFunction(serviceDir, 'topology', file);
  return readTopologies(await declare(), file);
}
