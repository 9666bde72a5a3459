import { readSettings } from '../functions/settings.js';
import type { ServiceTopology } from '../functions/topology-schema.js';
import { findTriggers, queuesOf, refuseFilterPatterns } from '../functions/triggers.js';
import type { Service } from '../service-file/read-service.js';
import { ofEvent } from './event-findings.js';
import type { Finding } from './finding.js';
import { ofFunction } from './function-findings.js';
import { ofService } from './service-findings.js';

/**
 * What will differ on AWS for a service's `rabbitmq` events, as AWS documents its event source mappings for RabbitMQ and Amazon
 * MQ (late 2026): one execution environment per mapping, failing batches are tried again as a whole, no failure destination, no
 * streams.
 * @param topologies what `custom.rabbitmq.topology` declares
 * @throws Error if custom.rabbitmq or a filter pattern is wrong
 */
export function parityFindings(service: Service, topologies: readonly ServiceTopology[] = []): readonly Finding[] {
  const functionKeys = service.service.getAllFunctions();
  const settings = readSettings(service.service.custom?.['rabbitmq'], { functionKeys, queues: queuesOf(service) });
  const triggers = findTriggers(service, settings);
  refuseFilterPatterns(triggers);
  const served = [...new Set(triggers.map(({ functionKey }) => functionKey))];
  return [
    ...served.flatMap((functionKey) => {
      const own = triggers.filter((trigger) => trigger.functionKey === functionKey);
      return [
        ...own.flatMap((trigger) => ofEvent(service, trigger, triggers, settings)),
        ...ofFunction(service, functionKey, own, settings),
      ];
    }),
    ...(served.length === 0 ? [] : ofService(service, triggers, settings, topologies)),
  ];
}
