import type { Log } from '../../lib/rabbitmq/log.js';
import { proseLog } from '../terminal/prose.js';
import { notice } from './command-line.js';

/** Before functions are told to be silent. */
const LEVEL_WAS_NAMED = process.env['POWERTOOLS_LOG_LEVEL'] !== undefined;

/** What is said again and again is said once in so long. */
const REPEAT_MS = 10_000;

/**
 * Where the adapter's warnings and errors go in a command: to stderr, in words. JSON lines, as on Lambda, only where they
 * were asked for: by `--json`, or with a level in POWERTOOLS_LOG_LEVEL.
 */
export async function commandLog(name: string, json: true | undefined): Promise<Log> {
  if (json || LEVEL_WAS_NAMED) {
    const { adapterLog, createLogger } = await import('../../lib/lambda/function/logger.js');
    return adapterLog(createLogger(name));
  }
  // What a function logs, and functions know only JSON, would say the same again.
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  const saidAt = new Map<string, number>();
  return proseLog(({ level, text }) => {
    if (performance.now() - (saidAt.get(text) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    saidAt.set(text, performance.now());
    notice(`${level}: ${text}`);
  });
}
