import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The secret that links and sessions are signed with, made the first time. It outlives the server, so a page that is
 * open goes on after a restart. Only its owner may read it.
 * @param runtimeFolder the project's `.smart-shopping`
 */
export async function webSecret(runtimeFolder: string): Promise<Buffer> {
  const file = join(runtimeFolder, 'web-secret');
  await mkdir(runtimeFolder, { recursive: true });
  try {
    // Fails where it exists, so of two that start together one makes it and both use it.
    await writeFile(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = Buffer.from((await readFile(file, 'utf8')).trim(), 'hex');
  if (secret.length < 32) throw new Error(`${file} holds no secret: delete it, and a new one is made.`);
  return secret;
}
