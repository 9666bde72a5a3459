import { type Backoff, backoffDelay, pause } from '../../waiting/backoff.js';
import type { AdapterLog } from '../log.js';

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
): Promise<void> {
  if (signal.aborted) throw error;
  log.error(message, { code: 'attempt-failed', attempt, error });
  await pause(backoffDelay(attempt - 1, backoff), signal);
  if (signal.aborted) throw error;
}
