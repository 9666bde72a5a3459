import { locateHandler } from './load-handler.js';
import type { FunctionDefaults, Serverless } from './serverless.js';
import type { HandlerLocation } from './thread-work.js';
import { findTriggers, type Trigger } from './triggers.js';

/** A function with `rabbitmq` events, as its threads need it. */
export interface ServiceFunction {
  readonly functionKey: string;
  /** As deployed: service-stage-key. */
  readonly name: string;
  readonly handler: HandlerLocation;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly triggers: readonly Trigger[];
}

/** The framework's own, where serverless.yml says nothing. */
const TIMEOUT_SECONDS = 6;
const MEMORY_MB = 1024;

/** The service's functions that have `rabbitmq` events. @throws Error if a handler's file is missing. */
export function findServiceFunctions(serverless: Serverless, amqpUrl: string): ServiceFunction[] {
  const { provider } = serverless.service;
  const triggers = findTriggers(serverless);
  const served = new Set(triggers.map(({ functionKey }) => functionKey));
  return [...served].map((functionKey) => {
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
      triggers: triggers.filter((trigger) => trigger.functionKey === functionKey),
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
