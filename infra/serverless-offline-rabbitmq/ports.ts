import { createServer } from 'node:net';
import type { Serverless } from './serverless.js';

/** serverless-offline's own, where neither serverless.yml nor the command line names others. */
const HTTP_PORT = '3000';
const LAMBDA_PORT = '3002';

/** What the command line says, or `custom.serverless-offline`. */
export interface OfflineOptions {
  readonly host?: string;
  readonly httpPort?: string;
  readonly lambdaPort?: string;
}

/** Where serverless-offline will listen. */
export function offlineAddress({ service }: Pick<Serverless, 'service'>, options: OfflineOptions) {
  const custom = service.custom?.['serverless-offline'] as OfflineOptions | undefined;
  const { host = 'localhost', httpPort = HTTP_PORT, lambdaPort = LAMBDA_PORT } = { ...custom, ...options };
  return { host, httpPort, lambdaPort };
}

/**
 * Finds out whether serverless-offline will get its ports, before anything is started or handled: it would fail when all of
 * that is done.
 * @throws Error that names the ports that are taken, and what to do
 */
export async function requireFreePorts(
  serverless: Pick<Serverless, 'service'>,
  options: OfflineOptions,
  runsAlready: () => Promise<boolean>,
): Promise<void> {
  const { host, httpPort, lambdaPort } = offlineAddress(serverless, options);
  const wanted = [
    ...(hasHttpEvents(serverless) ? [{ option: '--httpPort', port: Number(httpPort) }] : []),
    { option: '--lambdaPort', port: Number(lambdaPort) },
  ];
  const taken: typeof wanted = [];
  for (const each of wanted) if (await isTaken(each.port, host)) taken.push(each);
  if (taken.length === 0) return;
  const others = taken.map(({ option, port }) => `${option} ${port + 100}`).join(' ');
  const which = taken.map(({ port }) => port).join(' and ');
  const what = taken.length === 1 ? `Port ${which} is` : `Ports ${which} are`;
  const advice = (await runsAlready()) ? 'this service runs here already. Stop that' : 'stop what listens there';
  throw new Error(
    `${what} taken: ${advice}, or name others: \`serverless offline ${others}\` (\`npm start -- ${others}\`).`,
  );
}

/** Without them serverless-offline serves no HTTP but the functions' own. */
export function hasHttpEvents({ service }: Pick<Serverless, 'service'>): boolean {
  return service
    .getAllFunctions()
    .flatMap((key) => service.getFunction(key).events ?? [])
    .some((event) => 'http' in event || 'httpApi' in event);
}

function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE'));
    server.listen(port, host, () => server.close(() => resolve(false)));
  });
}
