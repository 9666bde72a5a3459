import { resolve } from 'node:path';
import { resolveIntrinsics } from './intrinsics.js';
import { type OfflineOptions, offlineOptions } from './offline-options.js';
import type { FunctionDefaults, FunctionDefinition, ProviderDefaults, Serverless } from './serverless.js';
import type { Settings } from './settings.js';
import type { FunctionWork, QueueWork } from './thread-work.js';
import { findTriggers, refuseFilterPatterns, type Trigger } from './triggers.js';

/** A function with `rabbitmq` events, as its threads need it. */
export interface ServiceFunction extends FunctionWork {
  readonly functionKey: string;
  /** `nodejs22.x` */
  readonly runtime: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly queues: readonly QueueWork[];
}

/** A function that cannot be run here. */
export interface UnservedFunction {
  readonly functionKey: string;
  readonly queues: readonly string[];
  /** The reason, and what to do. */
  readonly reason: string;
}

export interface FoundFunctions {
  readonly served: readonly ServiceFunction[];
  readonly unserved: readonly UnservedFunction[];
}

type ServiceFile = Pick<Serverless, 'service' | 'serviceDir' | 'config'>;

/** The functions that have `rabbitmq` events, as they are after all bundlers have built them. */
export function findFunctions(
  serviceFile: ServiceFile,
  settings: Settings,
  commandLine: OfflineOptions,
  amqpUrl: string,
): FoundFunctions {
  const { service, serviceDir } = serviceFile;
  const options = offlineOptions(serviceFile, commandLine);
  const codeDir = codeFolder(serviceFile, options);
  const inherited = inheritedEnvironment(options);
  const served: ServiceFunction[] = [];
  const unserved: UnservedFunction[] = [];
  const triggers = findTriggers(serviceFile, settings);
  for (const functionKey of new Set(triggers.map((trigger) => trigger.functionKey))) {
    const definition = service.getFunction(functionKey);
    const { handler } = definition;
    const queues = triggers.filter((trigger) => trigger.functionKey === functionKey);
    const reason = whyUnserved(serviceFile, definition) ?? whyRefused(queues);
    if (reason !== undefined || handler === undefined) {
      unserved.push({ functionKey, queues: queues.map(({ queue }) => queue), reason: reason ?? 'it has no handler' });
      continue;
    }
    const environment = { ...inherited, ...environmentOf(serviceFile, definition, codeDir), AMQP_URL: amqpUrl };
    const untimed = options.noTimeout === true;
    const runtime = runtimeOf(serviceFile, definition);
    const named = { functionKey, runtime, functionName: definition.name, ...placeOf(serviceFile, definition) };
    const limits = { ...limitsOf(serviceFile, definition), untimed };
    served.push({ ...named, ...limits, handler, codeDir, serviceDir, environment, queues });
  }
  return { served, unserved };
}

/** As in serverless-offline: bundlers set one of the two. */
export function codeFolder({ config }: ServiceFile, { location = '' }: OfflineOptions): string {
  return resolve(config.servicePath, location);
}

/** The framework's defaults, for values that serverless.yml does not set. */
const TIMEOUT_SECONDS = 6;
const MEMORY_MB = 1024;
const RUNTIME = 'nodejs22.x';

export function runtimeOf(
  { service: { provider } }: Pick<Serverless, 'service'>,
  { runtime }: FunctionDefaults,
): string {
  return runtime ?? provider.runtime ?? RUNTIME;
}

/** The first version whose runtime refuses to load a handler that declares a callback (Runtime.CallbackHandlerDeprecated). */
export const NO_CALLBACKS = 24;

/** `22` for `nodejs22.x`; undefined for a runtime of another language. */
export function nodeVersion(runtime: string): number | undefined {
  const version = /^nodejs(\d+)\.x$/.exec(runtime)?.[1];
  return version === undefined ? undefined : Number(version);
}

const ELSEWHERE = 'its messages wait in the queue for something else to do so';

function whyUnserved(serviceFile: ServiceFile, definition: FunctionDefinition): string | undefined {
  if (definition.image !== undefined) {
    return `it is a container image, but only Node.js functions run here: run the image yourself; ${ELSEWHERE}`;
  }
  const runtime = runtimeOf(serviceFile, definition);
  if (nodeVersion(runtime) === undefined) {
    return (
      `its runtime is ${runtime}, but only Node.js functions run here (serverless-offline's own runners give no answer ` +
      `when a function returns nothing or fails): run it yourself; ${ELSEWHERE}`
    );
  }
  const artifact = definition.package?.artifact ?? serviceFile.service.package?.artifact;
  if (artifact === undefined) return undefined;
  return `its code is the package ${artifact}, which is not unpacked here: remove package.artifact to run its sources`;
}

function whyRefused(queues: readonly Trigger[]): string | undefined {
  try {
    refuseFilterPatterns(queues);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export function limitsOf({ service: { provider } }: ServiceFile, { timeout, memorySize }: FunctionDefinition) {
  return {
    timeoutMs: (timeout ?? provider.timeout ?? TIMEOUT_SECONDS) * 1000,
    memoryMb: memorySize ?? provider.memorySize ?? MEMORY_MB,
  };
}

/** Where serverless.yml places the function: its region, and the account of its role if that is written out. */
export function placeOf({ service: { provider } }: ServiceFile, { role }: FunctionDefinition) {
  return { region: provider.region, account: accountOf(role ?? roleOf(provider)) };
}

function roleOf({ iam, role }: ProviderDefaults): unknown {
  return iam?.role ?? role;
}

function accountOf(arn: unknown): string | undefined {
  return typeof arn === 'string' ? /^arn:aws[\w-]*:iam::(\d{12}):/.exec(arn)?.[1] : undefined;
}

/** The variables that Lambda and the service itself give a function, on any machine. */
export function environmentOf(
  serviceFile: ServiceFile,
  definition: FunctionDefinition,
  codeDir: string,
): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtimeOf(serviceFile, definition)}`,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LAMBDA_TASK_ROOT: codeDir,
    LANG: 'en_US.UTF-8',
    _HANDLER: definition.handler ?? '',
    ...variables(serviceFile.service.provider),
    ...variables(definition),
    IS_OFFLINE: 'true',
  };
}

/** What serverless-offline passes on from this process's environment, and PATH, as on AWS. */
function inheritedEnvironment({ localEnvironment }: OfflineOptions): Record<string, string> {
  const isPassed = (name: string): boolean => localEnvironment === true || name.startsWith('AWS_') || name === 'PATH';
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = '']) => (isPassed(name) ? [[name, value]] : [])),
  );
}

/** A value that only a deployment knows has no useful form here; serverless-offline's functions get the same one. */
function variables({ environment = {} }: FunctionDefaults): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, String(resolveIntrinsics(value))]),
  );
}
