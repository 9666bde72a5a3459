import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findServer } from '../../../infra/broker/server-location.js';

const cacheFolder = resolve('.smart-shopping', 'server');

/** Where no RabbitMQ is installed, one is unpacked once, and not by every test anew. */
export default async function unpackServer(): Promise<void> {
  await findServer({ cacheFolder, onProgress: () => undefined, signal: undefined });
}

/** Lets a private broker find that server in its own folder, as at its second start. */
export function shareServer(brokerFolder: string): void {
  mkdirSync(brokerFolder);
  symlinkSync(cacheFolder, join(brokerFolder, 'server'));
}
