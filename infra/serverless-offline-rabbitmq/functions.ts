import { locateHandler } from './load-handler.js';
import type { FunctionDefaults, Serverless } from './serverless.js';
import type { HandlerLocation, QueueWork } from './thread-work.js';

/** One `rabbitmq` event of one function. */
export interface Trigger extends QueueWork {
  readonly functionKey: string;
  /** Settings of the event that have no effect on this machine. */
  readonly withoutEffect: readonly string[];
}

/** A function with `rabbitmq` events, as its threads need it. */
export interface ServiceFunction {
  readonly functionKey: string;
  /** As deployed: service-stage-key. */
  readonly name: string;
  readonly handler: HandlerLocation;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly queues: readonly QueueWork[];
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

/** The framework's own, where serverless.yml says nothing. */
const TIMEOUT_SECONDS = 6;
const MEMORY_MB = 1024;

/** The service's functions that have `rabbitmq` events. @throws Error if a handler's file is missing. */
export function findFunctions(serverless: Serverless, amqpUrl: string): ServiceFunction[] {
  const { provider } = serverless.service;
  const triggers = findTriggers(serverless);
  return [...new Set(triggers.map(({ functionKey }) => functionKey))].map((functionKey) => {
    const definition = serverless.service.getFunction(functionKey);
    const memoryMb = definition.memorySize ?? provider.memorySize ?? MEMORY_MB;
    return {
      functionKey,
      name: definition.name,
      handler: locateHandler(serverless.serviceDir, definition.handler),
      timeoutMs: (definition.timeout ?? provider.timeout ?? TIMEOUT_SECONDS) * 1000,
      memoryMb,
      environment: {
        ...inherited(),
        AWS_LAMBDA_FUNCTION_NAME: definition.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        ...variables(provider),
        ...variables(definition),
        AMQP_URL: amqpUrl,
        IS_OFFLINE: 'true',
      },
      queues: triggers.filter((trigger) => trigger.functionKey === functionKey),
    };
  });
}

/** A function sees no more of this process's environment than serverless-offline lets through; and PATH, as on AWS. */
function inherited(): Record<string, string> {
  const passed = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_') || name === 'PATH');
  return Object.fromEntries(passed.map(([name, value]) => [name, value ?? '']));
}

/** What CloudFormation would fill in is not known here, and left out. */
function variables({ environment = {} }: FunctionDefaults): Record<string, string> {
  const known = Object.entries(environment).filter(([, value]) => typeof value !== 'object');
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]));
}
