import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Stores the server's address for the command that makes links. @param runtimeFolder the project's `.smart-shopping` */
export async function writeOrigin(runtimeFolder: string, origin: string): Promise<void> {
  await writeFile(originFile(runtimeFolder), `${origin}\n`);
}

/** The address of the server that is running, or ran last. */
export async function readOrigin(runtimeFolder: string): Promise<string | undefined> {
  const origin = (await readFile(originFile(runtimeFolder), 'utf8').catch(() => '')).trim();
  return URL.canParse(origin) ? origin : undefined;
}

function originFile(runtimeFolder: string): string {
  return join(runtimeFolder, 'web-origin');
}
