import { compileFilterPatterns } from '../../lib/lambda/filter-patterns.js';
import { locateHandler } from './load-handler.js';
import type { FunctionDefaults, FunctionDefinition, RabbitmqEvent, Serverless } from './serverless.js';
import type { Settings } from './settings.js';
import type { HandlerLocation, QueueWork } from './thread-work.js';

/** One `rabbitmq` event of one function. */
export interface Trigger extends QueueWork {
  readonly functionKey: string;
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
const BATCHING_WINDOW_SECONDS = 0.5;

/** Every `rabbitmq` event of the service that is enabled. @throws Error for filter patterns that Lambda would refuse. */
export function findTriggers({ service }: Pick<Serverless, 'service'>, settings: Settings): Trigger[] {
  return service.getAllFunctions().flatMap((functionKey) =>
    (service.getFunction(functionKey).events ?? []).flatMap(({ rabbitmq }) => {
      if (rabbitmq === undefined || rabbitmq.enabled === false) return [];
      const { queue, virtualHost, batchSize = BATCH_SIZE, arn, filterPatterns = [] } = rabbitmq;
      checkFilterPatterns(functionKey, queue, filterPatterns);
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

/** In seconds. The framework leaves a window of 0 out of the CloudFormation: AWS then takes its default. */
function batchingWindow({ maximumBatchingWindow = 0 }: RabbitmqEvent, { timing }: Settings): number {
  return timing === 'aws' ? maximumBatchingWindow || BATCHING_WINDOW_SECONDS : maximumBatchingWindow;
}

function checkFilterPatterns(functionKey: string, queue: string, patterns: readonly unknown[]): void {
  try {
    compileFilterPatterns(patterns);
  } catch (error) {
    throw new Error(`function ${functionKey}, queue ${JSON.stringify(queue)}: ${(error as Error).message}`);
  }
}

/** All queues that the service's `rabbitmq` events name. */
export function queuesOf({ service }: Pick<Serverless, 'service'>): string[] {
  const functions = service.getAllFunctions().map((functionKey) => service.getFunction(functionKey));
  return functions.flatMap(({ events = [] }) => events.flatMap(({ rabbitmq }) => rabbitmq?.queue ?? []));
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
const RUNTIME = 'nodejs22.x';

/** The service's functions that have `rabbitmq` events. @throws Error if a handler's file is missing. */
export function findFunctions(serverless: Serverless, settings: Settings, amqpUrl: string): ServiceFunction[] {
  const triggers = findTriggers(serverless, settings);
  return [...new Set(triggers.map(({ functionKey }) => functionKey))].map((functionKey) => {
    const definition = serverless.service.getFunction(functionKey);
    return {
      functionKey,
      name: definition.name,
      handler: locateHandler(serverless.serviceDir, definition.handler),
      ...limitsOf(serverless, definition),
      environment: { ...inherited(), ...environmentOf(serverless, definition), AMQP_URL: amqpUrl },
      queues: triggers.filter((trigger) => trigger.functionKey === functionKey),
    };
  });
}

type ServiceFile = Pick<Serverless, 'service' | 'serviceDir'>;

export function limitsOf({ service: { provider } }: ServiceFile, { timeout, memorySize }: FunctionDefinition) {
  return {
    timeoutMs: (timeout ?? provider.timeout ?? TIMEOUT_SECONDS) * 1000,
    memoryMb: memorySize ?? provider.memorySize ?? MEMORY_MB,
  };
}

/** What Lambda and the service itself give a function, on any machine. */
export function environmentOf(
  { service: { provider }, serviceDir }: ServiceFile,
  definition: FunctionDefinition,
): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime ?? provider.runtime ?? RUNTIME}`,
    LAMBDA_TASK_ROOT: serviceDir,
    _HANDLER: definition.handler,
    ...variables(provider),
    ...variables(definition),
    IS_OFFLINE: 'true',
  };
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
