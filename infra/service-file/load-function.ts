import type { AnyHandler } from '../../lib/lambda/runtime/call-handler.js';
import {
  type FunctionIdentity,
  identityEnvironment,
  newFunctionIdentity,
} from '../../lib/lambda/runtime/function-identity.js';
import { codeFolder, environmentOf, limitsOf, placeOf } from '../functions/functions.js';
import { loadHandler, locateHandler } from '../functions/load-handler.js';
import { offlineOptions } from '../functions/offline-options.js';
import { readService, type ServiceOptions } from './read-service.js';

/** A function of a service, loaded into this process. */
export interface LoadedFunction {
  readonly handler: AnyHandler;
  readonly identity: FunctionIdentity;
  readonly timeoutMs: number;
}

/**
 * Loads a function of the service in a folder, with its environment.
 * @throws Error that says what is wrong with the service or its handler
 */
export async function loadFunction(
  serviceDir: string,
  functionKey: string,
  options: ServiceOptions = {},
): Promise<LoadedFunction> {
  const service = await readService(serviceDir, options);
  const definition = service.service.getFunction(functionKey);
  const { handler } = definition;
  if (handler === undefined) throw new Error(`function ${functionKey} has no handler: it is a container image`);
  const { memoryMb, timeoutMs } = limitsOf(service, definition);
  const place = placeOf(service, definition);
  const identity = newFunctionIdentity({ functionName: definition.name, memoryMb, ...place });
  const codeDir = codeFolder(service, offlineOptions(service, {}));
  Object.assign(process.env, environmentOf(service, definition, codeDir), identityEnvironment(identity));
  const handlerFile = locateHandler(codeDir, handler);
  return { handler: await loadHandler(handlerFile, serviceDir), identity, timeoutMs };
}
