import { createServer } from 'node:net';
import { type OfflineOptions, offlineOptions } from '../functions/offline-options.js';
import type { Serverless } from '../functions/serverless.js';

/**
 * Checks that serverless-offline will get its ports, before anything is started or handled; otherwise it would fail after all of
 * that.
 * @throws Error that names the ports in use, and what to do
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
  const advice = (await runsAlready())
    ? 'this service is already running here. Stop it'
    : 'stop the program that listens there';
  throw new Error(
    `${what} in use: ${advice}, or choose others: \`serverless offline ${others}\` (\`npm start -- ${others}\`).`,
  );
}

/** Without these events serverless-offline serves no HTTP except the functions' own. */
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
