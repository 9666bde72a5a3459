import { type Backoff, backoffDelay, pause } from '../../waiting/backoff.js';
import type { AdapterLog } from '../log.js';
import type { InvocationNames } from './invocation.js';

/** What waiting for another attempt takes. */
export interface RetryContext {
  readonly log: AdapterLog;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

/** Says what failed and waits, longer each time. @throws the failure once the signal has aborted */
export async function waitForNextAttempt(
  { log, backoff, signal }: RetryContext,
  message: string,
  attempt: number,
  error: Error,
  invocation: InvocationNames,
): Promise<void> {
  if (signal.aborted) throw error;
  log.error(message, { code: 'attempt-failed', attempt, ...invocation, error });
  await pause(backoffDelay(attempt - 1, backoff), signal);
  if (signal.aborted) throw error;
}
