import type { ReportProgress } from '../broker/progress.js';
import { CommandError, EXIT } from './command-line.js';
import { endProgress, showProgress } from './progress.js';

/**
 * Shows on stderr how a broker comes up. Undefined where it was stopped before that.
 * @throws CommandError (69) where there is none to be had, in the words of what went wrong.
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
