import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

const folders: string[] = [];

/** A folder for nodes of one test, removed by `removeFolders`. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'private-broker-'));
  folders.push(folder);
  return folder;
}

/** Removes all folders once the last process that uses them has ended. */
export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) {
    await vi.waitUntil(async () => (await processesOf(folder)).length === 0, { timeout: 100_000 });
    await rm(folder, { recursive: true });
  }
}

/** Names of the processes that run for nodes below `folder`: it is in the environment of every one of them. Linux only. */
export async function processesOf(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir('/proc')) {
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    if (!environment.includes(`${folder}/`)) continue;
    const name = await readFile(`/proc/${entry}/comm`, 'utf8').catch(() => undefined);
    if (name) names.push(name.trim());
  }
  return names;
}
