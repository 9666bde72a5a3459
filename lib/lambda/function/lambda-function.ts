import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';

/** middy would throw shortly before a timeout; whoever counts the time, Lambda or the adapter, knows what to do at its end. */
const NEVER = 0;

/**
 * Makes a handler a Lambda function, the one place where that is done: middy around it, and every line of its log names
 * the invocation it belongs to.
 */
export function lambdaFunction<Event, Context, Result>(
  log: Logger,
  handler: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  // middy's types want Lambda's context to the letter; ours adds the queue's store.
  return middy(handler as never, { timeoutEarlyInMillis: NEVER }).use(
    injectLambdaContext(log, { resetKeys: true }),
  ) as unknown as typeof handler;
}
