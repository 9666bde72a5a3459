import type { AnyHandler } from '../../lib/lambda/call-handler.js';
import { type FunctionIdentity, identityEnvironment, newFunctionIdentity } from '../../lib/lambda/function-identity.js';
import { environmentOf, limitsOf } from '../serverless-offline-rabbitmq/functions.js';
import { loadHandler, locateHandler } from '../serverless-offline-rabbitmq/load-handler.js';
import { readService } from './read-service.js';

/** A function of a service, loaded into this process. */
export interface LoadedFunction {
  readonly handler: AnyHandler;
  readonly identity: FunctionIdentity;
  readonly timeoutMs: number;
}

/**
 * Loads a function of the service in a folder, with its environment.
 * @throws Error that says what is wrong with the service, or with its handler
 */
export async function loadFunction(serviceDir: string, functionKey: string): Promise<LoadedFunction> {
  const service = await readService(serviceDir);
  const definition = service.service.getFunction(functionKey);
  const { memoryMb, timeoutMs } = limitsOf(service, definition);
  const identity = newFunctionIdentity({ functionName: definition.name, memoryMb });
  Object.assign(process.env, environmentOf(service, definition), identityEnvironment(identity));
  const handler = await loadHandler(locateHandler(serviceDir, definition.handler));
  return { handler: handler as unknown as AnyHandler, identity, timeoutMs };
}
