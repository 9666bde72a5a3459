import type { Serverless } from './serverless.js';

/** Options of serverless-offline that concern functions and ports. */
export interface OfflineOptions {
  readonly host?: string;
  readonly httpPort?: string;
  readonly lambdaPort?: string;
  /** The folder that holds the code, relative to the service's. */
  readonly location?: string;
  /** Functions see this process's whole environment. */
  readonly localEnvironment?: boolean;
  readonly noTimeout?: boolean;
}

/** serverless-offline's defaults. */
const DEFAULTS = { host: 'localhost', httpPort: '3000', lambdaPort: '3002' };

/** What the command line says, else `custom.serverless-offline`, to which bundlers write, too. */
export function offlineOptions({ service }: Pick<Serverless, 'service'>, commandLine: OfflineOptions) {
  const custom = service.custom?.['serverless-offline'] as OfflineOptions | undefined;
  return { ...DEFAULTS, ...custom, ...commandLine };
}
