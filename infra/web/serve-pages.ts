import { linkFor } from './addresses.js';
import { writeOrigin } from './running-web.js';
import { webSecret } from './secret.js';
import { startWebServer, type WebServerOptions } from './server.js';

export const WEB_PORT = 8080;

/** The start address is for whoever reads the terminal now. */
const START_ADDRESS_MS = 12 * 60 * 60 * 1000;

export interface ServingPages extends Omit<WebServerOptions, 'secret'> {
  /** The project's `.smart-shopping`: holds the secret, and where the pages are. */
  readonly runtimeFolder: string;
}

export interface ServedPages {
  /** Opens the shop floor once; whoever has it is let in. */
  readonly startAddress: string;
  /** Resolves when all that happens from then on is seen. */
  readonly watching: Promise<void>;
  /** Resolves when the server has stopped and its connections are closed. */
  readonly ended: Promise<void>;
}

/** Serves the pages of this project's shop. @throws Error if the port is taken or the pages are not built. */
export async function servePages({ runtimeFolder, ...options }: ServingPages): Promise<ServedPages> {
  const secret = await webSecret(runtimeFolder);
  const { origin, watching, ended } = await startWebServer({ ...options, secret });
  await writeOrigin(runtimeFolder, origin);
  const startAddress = linkFor(origin, { role: 'operator' }, Date.now() + START_ADDRESS_MS, secret);
  return { startAddress, watching, ended };
}
