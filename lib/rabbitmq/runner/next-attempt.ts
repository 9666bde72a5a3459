import { type Backoff, backoffDelay, pause } from '../../waiting/backoff.js';
import type { AdapterLog } from '../log.js';
import type { InvocationNames } from './invocation.js';

/** What is needed to wait for another attempt. */
export interface RetryContext {
  readonly log: AdapterLog;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

/** Logs what failed and waits, longer each time. @throws the failure once the signal has aborted */
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
