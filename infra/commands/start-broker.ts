import type { ReportProgress } from '../broker/progress.js';
import { CommandError, EXIT } from './command-line.js';
import { endProgress, showProgress } from './progress.js';

/**
 * Shows on stderr how a broker starts. Undefined if it was stopped before it was up.
 * @throws CommandError (69) if there is none to be had, with the reason
 */
export async function startBroker<Broker>(
  stop: AbortSignal,
  start: (onProgress: ReportProgress) => Promise<Broker>,
): Promise<Broker | undefined> {
  try {
    return await start(showProgress);
  } catch (cause) {
    if (stop.aborted) return undefined;
    throw new CommandError((cause as Error).message, EXIT.noBroker, { cause });
  } finally {
    endProgress();
  }
}
