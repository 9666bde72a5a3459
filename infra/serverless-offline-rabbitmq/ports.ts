import { createServer } from 'node:net';
import { type OfflineOptions, offlineOptions } from '../functions/offline-options.js';
import type { Serverless } from '../functions/serverless.js';

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
  const { host, httpPort, lambdaPort } = offlineOptions(serverless, options);
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
