import type { Serverless } from './serverless.js';

/** Options of serverless-offline, as far as they concern functions and where it listens. */
export interface OfflineOptions {
  readonly host?: string;
  readonly httpPort?: string;
  readonly lambdaPort?: string;
  /** A folder below the service's that holds the code. */
  readonly location?: string;
  /** Functions see all of this process's environment. */
  readonly localEnvironment?: boolean;
  readonly noTimeout?: boolean;
}

/** Its own, where nothing is said. */
const DEFAULTS = { host: 'localhost', httpPort: '3000', lambdaPort: '3002' };

/** What the command line says, else `custom.serverless-offline`, in which bundlers write, too. */
export function offlineOptions({ service }: Pick<Serverless, 'service'>, commandLine: OfflineOptions) {
  const custom = service.custom?.['serverless-offline'] as OfflineOptions | undefined;
  return { ...DEFAULTS, ...custom, ...commandLine };
}
