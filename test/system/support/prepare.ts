import type { TestProject } from 'vitest/node';
import unpackServer from './server.js';
import { shareBroker } from './shared-broker.js';
import { installStrangers } from './strangers.js';

/** What many tests need is made once. */
export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  await unpackServer();
  installStrangers();
  return shareBroker(project);
}
