import { readFile } from 'node:fs/promises';
import { secretFile } from '../../process/secret-file.js';

/**
 * The secret that links and sessions are signed with, created the first time. It outlives the server, so an open page continues
 * after a restart.
 * @param runtimeFolder the project's `.smart-shopping`
 */
export async function webSecret(runtimeFolder: string): Promise<Buffer> {
  const file = await secretFile(runtimeFolder, 'web-secret');
  return Buffer.from((await readFile(file, 'utf8')).trim(), 'hex');
}
