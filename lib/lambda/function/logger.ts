import { Console } from 'node:console';
import { Logger } from '@aws-lambda-powertools/logger';

/** Set by the Lambda runtime and by nothing else. */
export function underLambda(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['AWS_LAMBDA_RUNTIME_API'] !== undefined;
}

/** People who watch a command see its results; the lines are for what needs attention. */
const LEVEL_OF_COMMANDS = 'WARN';

/**
 * The logger of one function or command. In Lambda its lines go where the runtime collects them; anywhere else to
 * stderr, because stdout is for results.
 */
export function createLogger(serviceName: string, leastLevel: 'INFO' | 'WARN' = LEVEL_OF_COMMANDS): Logger {
  if (underLambda()) return new Logger({ serviceName });
  const named = process.env['POWERTOOLS_LOG_LEVEL'];
  // As its initial level: one that is set later is forgotten after the first invocation, when Powertools samples anew.
  const logger = new Logger(named === undefined ? { serviceName, logLevel: leastLevel } : { serviceName });
  // Powertools offers no option for the stream; the console it writes to is a property that only its types hide.
  return Object.assign(logger, { console: new Console(process.stderr, process.stderr) });
}

/**
 * The same logger for the adapter, whose lines are a message and details. An invocation has the name that it has in the handler's own
 * lines, a trace the one that OpenTelemetry gives it.
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
