import type { Log } from '../../lib/rabbitmq/log.js';
import { proseLog } from '../terminal/prose.js';
import { notice } from './command-line.js';

/** Set before functions are silenced. */
const LEVEL_WAS_NAMED = process.env['POWERTOOLS_LOG_LEVEL'] !== undefined;

/** A repeated message is printed once in this time. */
const REPEAT_MS = 10_000;

/**
 * Where the adapter's warnings and errors go in a command: to stderr, as text. As JSON lines, as on Lambda, only if requested by
 * `--json` or by a level in POWERTOOLS_LOG_LEVEL.
 */
export async function commandLog(name: string, json: true | undefined): Promise<Log> {
  if (json || LEVEL_WAS_NAMED) {
    const { adapterLog, createLogger } = await import('../../lib/lambda/function/logger.js');
    return adapterLog(createLogger(name));
  }
  // A function's own log, which is always JSON, would repeat the same.
  process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
  const saidAt = new Map<string, number>();
  return proseLog(({ level, text }) => {
    if (performance.now() - (saidAt.get(text) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    saidAt.set(text, performance.now());
    notice(`${level}: ${text}`);
  });
}
