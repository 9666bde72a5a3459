import { compileFilterPatterns, USUAL_PATTERNS } from '../../lib/lambda/event/filter-patterns.js';
import type { RabbitmqEvent, Serverless } from './serverless.js';
import type { Settings } from './settings.js';
import type { QueueWork } from './thread-work.js';

/** One `rabbitmq` event of one function. */
export interface Trigger extends QueueWork {
  readonly functionKey: string;
}

/** AWS's default. */
const BATCH_SIZE = 100;
const BATCHING_WINDOW_SECONDS = 0.5;

/** Every `rabbitmq` event of the service that is enabled. */
export function findTriggers({ service }: Pick<Serverless, 'service'>, settings: Settings): Trigger[] {
  return service.getAllFunctions().flatMap((functionKey) =>
    (service.getFunction(functionKey).events ?? []).flatMap(({ rabbitmq }) => {
      if (rabbitmq === undefined || rabbitmq.enabled === false) return [];
      const { queue, virtualHost, batchSize = BATCH_SIZE, arn, filterPatterns = [] } = rabbitmq;
      return {
        functionKey,
        queue,
        virtualHost,
        batchSize,
        batchingWindowMs: 1000 * batchingWindow(rabbitmq, settings),
        filterPatterns,
        retry: typeof settings.retry === 'string' ? settings.retry : (settings.retry[queue] ?? 'bounded'),
        eventSourceArn: typeof arn === 'string' ? arn : undefined,
      };
    }),
  );
}

/** In seconds. The framework omits a window of 0 from the CloudFormation template, and AWS then uses its default. */
function batchingWindow({ maximumBatchingWindow = 0 }: RabbitmqEvent, { timing }: Settings): number {
  return timing === 'aws' ? maximumBatchingWindow || BATCHING_WINDOW_SECONDS : maximumBatchingWindow;
}

/** @throws Error for filter patterns that Lambda would refuse */
export function refuseFilterPatterns(triggers: readonly Trigger[]): void {
  for (const { functionKey, queue, filterPatterns } of triggers) {
    try {
      compileFilterPatterns(filterPatterns);
    } catch (error) {
      throw new Error(`function ${functionKey}, queue ${JSON.stringify(queue)}: ${(error as Error).message}`);
    }
  }
}

/** Whether the service has anything other than queues to serve: HTTP, schedules and so on. */
export function servesOthers({ service }: Pick<Serverless, 'service'>): boolean {
  const functions = service.getAllFunctions().map((functionKey) => service.getFunction(functionKey));
  return functions.some(({ events = [] }) => events.some((event) => event.rabbitmq === undefined));
}

/** All queues named in the service's `rabbitmq` events. */
export function queuesOf({ service }: Pick<Serverless, 'service'>): string[] {
  const functions = service.getAllFunctions().map((functionKey) => service.getFunction(functionKey));
  return functions.flatMap(({ events = [] }) => events.flatMap(({ rabbitmq }) => rabbitmq?.queue ?? []));
}

/**
 * CloudFormation names keep only letters and digits, and of two events with the same name the framework silently drops the first.
 * @returns a sentence that names both queues, if there are two
 */
export function collisionIn(serverless: Serverless): string | undefined {
  const { naming } = serverless.getProvider('aws');
  const taken = new Map<string, string>();
  for (const functionKey of serverless.service.getAllFunctions()) {
    for (const { rabbitmq } of serverless.service.getFunction(functionKey).events ?? []) {
      if (rabbitmq === undefined) continue;
      const name = naming.getRabbitMQEventLogicalId(functionKey, rabbitmq.queue);
      const other = taken.get(name);
      if (other !== undefined) {
        return (
          `queues ${JSON.stringify(other)} and ${JSON.stringify(rabbitmq.queue)} of function ${functionKey} ` +
          `would be the same resource in CloudFormation (${name}): rename one, or give it its own function`
        );
      }
      taken.set(name, rabbitmq.queue);
    }
  }
  return undefined;
}

/** What runs here but will not be deployed as it is. */
export function remarksOn(serverless: Serverless, triggers: readonly Trigger[]): string[] {
  const many = triggers.filter(({ filterPatterns }) => filterPatterns.length > USUAL_PATTERNS);
  return [
    collisionIn(serverless) ?? [],
    many.map(
      ({ functionKey, queue, filterPatterns: { length } }) =>
        `${functionKey} ${queue}: ${length} filterPatterns; AWS takes ${USUAL_PATTERNS} unless the account's quota is raised`,
    ),
  ].flat();
}
