import { Console } from 'node:console';
import { Logger } from '@aws-lambda-powertools/logger';

/** Set only by the Lambda runtime. */
export function underLambda(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['AWS_LAMBDA_RUNTIME_API'] !== undefined;
}

/** People who watch a command see its results; log lines are for what needs attention. */
const LEVEL_OF_COMMANDS = 'WARN';

/**
 * The logger of one function or command. In Lambda its lines go where the runtime collects them; elsewhere they go to stderr,
 * because stdout is for results.
 */
export function createLogger(serviceName: string, leastLevel: 'INFO' | 'WARN' = LEVEL_OF_COMMANDS): Logger {
  if (underLambda()) return new Logger({ serviceName });
  const named = process.env['POWERTOOLS_LOG_LEVEL'];
  // Set as the initial level: a level that is set later is lost after the first invocation, when Powertools samples again.
  const logger = new Logger(named === undefined ? { serviceName, logLevel: leastLevel } : { serviceName });
  // Powertools has no option for the stream; the console it writes to is a property that only its types hide.
  return Object.assign(logger, { console: new Console(process.stderr, process.stderr) });
}

/**
 * The same logger for the adapter, whose lines are a message and details. An invocation has the same field name as in the
 * handler's own lines, and a trace the one that OpenTelemetry uses.
 */
export function adapterLog(logger: Logger) {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, { requestId, traceId, ...details }: Record<string, unknown> = {}): void =>
      logger[level](message, {
        ...details,
        ...(requestId !== undefined && { function_request_id: requestId }),
        ...(traceId !== undefined && { trace_id: traceId }),
      });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
