import type { TestProject } from 'vitest/node';
import { installPackage } from './installed-package.js';
import unpackServer from './server.js';
import { shareBroker } from './shared-broker.js';
import { installStrangers } from './strangers.js';

/** What many tests need is prepared once. */
export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  await unpackServer();
  const [stopBroker, removePackage] = await Promise.all([
    shareBroker(project),
    installPackage(project),
    installStrangers(),
  ]);
  return async () => {
    await stopBroker();
    await removePackage();
  };
}
