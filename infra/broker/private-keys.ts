import type { KeySource } from '../../lib/rabbitmq/changelog/keys.js';
import { secretFile } from '../process/secret-file.js';
import { findRunningBroker } from './find-broker.js';

/** The key that signs changelogs on the private broker of a folder, created the first time and kept next to it. */
export async function privateKeys(folder: string): Promise<KeySource> {
  return { file: await secretFile(folder, 'changelog-key') };
}

/**
 * The same for the broker at an address, if it is the running private broker of one of several folders; undefined for any other
 * broker.
 */
export async function keysOfPrivate(
  amqpUrl: string | undefined,
  folders: readonly string[],
): Promise<KeySource | undefined> {
  for (const folder of folders) {
    const running = await findRunningBroker(folder);
    if (running !== undefined && (amqpUrl ?? running.amqpUrl) === running.amqpUrl) return privateKeys(folder);
  }
  return undefined;
}
