import { type Backoff, backoffDelay, pause } from '../../waiting/backoff.js';
import { SickNodeError } from './channel.js';
import { ConnectError } from './connect-error.js';
import type { Connection, ConnectionOptions } from './connection.js';
import { FatalError } from './fatal-error.js';
import { onConnection } from './open-connection.js';
import { QueueMissingError, RefusedError } from './refused.js';

/** A missing queue is looked for at least this often. */
const MISSING_MS = 2_000;

export interface Supervision extends ConnectionOptions {
  readonly signal: AbortSignal;
  readonly backoff: Backoff;
  /** Called after every failed attempt, whatever the reason. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Runs `session` on a connection, and again on a new one whenever it throws, until the signal aborts. The backoff starts over
 * after a session that reports success, or that lasts longer than the longest wait.
 * @throws FatalError that a session threw
 */
export async function superviseConnection(
  supervision: Supervision,
  session: (connection: Connection, works: () => void) => Promise<void>,
): Promise<void> {
  const { signal, backoff, log, connectionName } = supervision;
  /** A node may accept all clients and serve none: after a session that settled nothing, another node is tried first. */
  let skip = 0;
  for (let attempt = 0; !signal.aborted; attempt++) {
    const startedAt = performance.now();
    let hasWorked = false;
    const works = (): void => {
      attempt = 0;
      hasWorked = true;
    };
    try {
      await onConnection({ ...supervision, skip }, (connection) => session(connection, works));
    } catch (error) {
      skip = hasWorked && !(error instanceof SickNodeError) ? 0 : skip + 1;
      if (error instanceof FatalError) throw error;
      if (signal.aborted) {
        log.warn('stopped in the middle of a batch; the broker will deliver it again', {
          code: 'stopped-in-batch',
          connectionName,
          error,
        });
        return;
      }
      if (performance.now() - startedAt > backoff.maxMs) attempt = 0;
      const mostMs = error instanceof QueueMissingError ? Math.min(MISSING_MS, backoff.maxMs) : backoff.maxMs;
      const delayMs = Math.round(backoffDelay(attempt, { ...backoff, maxMs: mostMs }));
      supervision.onFailure?.(error);
      const details = { connectionName, delayMs };
      if (error instanceof RefusedError)
        log.warn(error.message, { code: 'connect-failed', ...details, undeclared: error.undeclared });
      else if (error instanceof ConnectError) log.warn(error.message, { code: 'connect-failed', ...details });
      else log.warn('session ended; reconnecting', { code: 'session-ended', ...details, error });
      await pause(delayMs, signal);
    }
  }
}
