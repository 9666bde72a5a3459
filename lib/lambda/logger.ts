import { Console } from 'node:console';
import { Logger } from '@aws-lambda-powertools/logger';

/** Set by the Lambda runtime and by nothing else. */
export function underLambda(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['AWS_LAMBDA_RUNTIME_API'] !== undefined;
}

/**
 * The logger of one function or command. In Lambda its lines go where the runtime collects them; anywhere else to
 * stderr, because stdout is for results.
 */
export function createLogger(serviceName: string): Logger {
  const logger = new Logger({ serviceName });
  // Powertools offers no option for the stream; the console it writes to is a property that only its types hide.
  if (!underLambda()) Object.assign(logger, { console: new Console(process.stderr, process.stderr) });
  return logger;
}
