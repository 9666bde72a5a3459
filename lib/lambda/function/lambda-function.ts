import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';

/**
 * middy would throw shortly before a timeout; but whoever enforces the timeout, Lambda or the adapter, knows what to do at its
 * end.
 */
const NEVER = 0;

/**
 * Makes a handler a Lambda function, in this one place: wrapped by middy, and with every line of its log naming the invocation it
 * belongs to.
 */
export function lambdaFunction<Event, Context, Result>(
  log: Logger,
  handler: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  // middy's types require exactly Lambda's context; ours adds the queue's store.
  return middy(handler as never, { timeoutEarlyInMillis: NEVER }).use(
    injectLambdaContext(log, { resetKeys: true }),
  ) as unknown as typeof handler;
}
