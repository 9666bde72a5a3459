import { randomUUID } from 'node:crypto';
import type { CallContext } from './call-handler.js';
import type { FunctionIdentity } from './function-identity.js';

/** What a handler is told of its invocation, which begins now. */
export function invocationContext(
  identity: FunctionIdentity,
  timeoutMs: number,
  awsRequestId: string = randomUUID(),
): CallContext {
  const endsAt = performance.now() + timeoutMs;
  return {
    ...identity,
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
    callbackWaitsForEmptyEventLoop: true,
  };
}
