import type { Serverless } from './serverless.js';

/** One `rabbitmq` event of one function. */
export interface Trigger {
  readonly functionKey: string;
  readonly queue: string;
  /** Undefined means the one that the broker's address names. */
  readonly virtualHost: string | undefined;
  readonly batchSize: number;
  readonly eventSourceArn: string | undefined;
  /** Settings of the event that have no effect on this machine. */
  readonly withoutEffect: readonly string[];
}

/** As AWS, where an event names none. */
const BATCH_SIZE = 100;

/** Every `rabbitmq` event of the service that is enabled. */
export function findTriggers({ service }: Serverless): Trigger[] {
  return service.getAllFunctions().flatMap((functionKey) =>
    (service.getFunction(functionKey).events ?? []).flatMap(({ rabbitmq }) => {
      if (rabbitmq === undefined || rabbitmq.enabled === false) return [];
      const { queue, virtualHost, batchSize = BATCH_SIZE, arn } = rabbitmq;
      return {
        functionKey,
        queue,
        virtualHost,
        batchSize,
        eventSourceArn: typeof arn === 'string' ? arn : undefined,
        withoutEffect: (['maximumBatchingWindow', 'filterPatterns'] as const).filter((key) => rabbitmq[key]),
      };
    }),
  );
}

/**
 * CloudFormation's names keep letters and digits only, and of two events with one name the framework silently drops
 * the first.
 * @throws Error that names both queues.
 */
export function refuseCollisions(serverless: Serverless): void {
  const { naming } = serverless.getProvider('aws');
  const taken = new Map<string, string>();
  for (const functionKey of serverless.service.getAllFunctions()) {
    for (const { rabbitmq } of serverless.service.getFunction(functionKey).events ?? []) {
      if (rabbitmq === undefined) continue;
      const name = naming.getRabbitMQEventLogicalId(functionKey, rabbitmq.queue);
      const other = taken.get(name);
      if (other !== undefined) {
        throw new Error(
          `queues ${JSON.stringify(other)} and ${JSON.stringify(rabbitmq.queue)} of function ${functionKey} ` +
            `would be one resource in CloudFormation (${name}): rename one, or give it a function of its own`,
        );
      }
      taken.set(name, rabbitmq.queue);
    }
  }
}
