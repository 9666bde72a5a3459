import type { Print } from '../functions/serverless.js';
import { type TroubleLines, troubleLines } from '../functions/trouble.js';
import { notice } from './command-line.js';

/** Where `poll` reports what happens. */
export interface PollLog {
  readonly print: Print;
  readonly troubles: TroubleLines;
  readonly logsJson: boolean;
}

/** As text, for people. */
export function pollLogInWords(): PollLog {
  const print: Print = { notice, warning: notice, error: notice };
  return { print, troubles: troubleLines(print), logsJson: false };
}

/** As JSON lines as on Lambda, on stderr: `info` and above, unless POWERTOOLS_LOG_LEVEL says otherwise. */
export async function pollLogInJson(): Promise<PollLog> {
  const { adapterLog, createLogger } = await import('../../lib/lambda/function/logger.js');
  const log = adapterLog(createLogger('poll', 'INFO'));
  return {
    print: { notice: log.info, warning: log.warn, error: log.error },
    troubles: {
      of: () => log,
      add: (source, { level, text }) => log[level === 'error' ? 'error' : 'warn'](text, { source }),
      flush: () => undefined,
    },
    logsJson: true,
  };
}
