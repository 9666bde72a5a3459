import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The secret that links and sessions are signed with, made the first time. It outlives the server, so a page that is
 * open goes on after a restart. Only its owner may read it.
 * @param runtimeFolder the project's `.smart-shopping`
 */
export async function webSecret(runtimeFolder: string): Promise<Buffer> {
  const file = join(runtimeFolder, 'web-secret');
  await mkdir(runtimeFolder, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  // Of two that start together one makes it, whole, and both use it.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  const secret = Buffer.from((await readFile(file, 'utf8')).trim(), 'hex');
  if (secret.length < 32) throw new Error(`${file} holds no secret: delete it, and a new one is made.`);
  return secret;
}
