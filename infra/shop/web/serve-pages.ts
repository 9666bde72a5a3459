import { shortAddress } from './addresses.js';
import { LinkBook } from './links.js';
import { writeOrigin } from './running-web.js';
import { webSecret } from './secret.js';
import { startWebServer, type WebServerOptions } from './server.js';

export const WEB_PORT = 8080;

export interface ServingPages extends Omit<WebServerOptions, 'secret' | 'links'> {
  /** The project's `.smart-shopping`: holds the secret and the address of the pages. */
  readonly runtimeFolder: string;
}

export interface ServedPages {
  /** Opens the shop floor; everyone who has it is let in. */
  readonly startAddress: string;
  /** Resolves when everything that happens from then on is received. */
  readonly watching: Promise<void>;
  /** Resolves when the server has stopped and its connections are closed. */
  readonly ended: Promise<void>;
}

/** Serves the pages of this project's shop. @throws Error if the port is in use or the pages are not built */
export async function servePages({ runtimeFolder, ...options }: ServingPages): Promise<ServedPages> {
  const secret = await webSecret(runtimeFolder);
  const { origin, watching, ended } = await startWebServer({ ...options, secret, links: new LinkBook(runtimeFolder) });
  await writeOrigin(runtimeFolder, origin);
  const startAddress = shortAddress(origin, secret, Date.now());
  return { startAddress, watching, ended };
}
