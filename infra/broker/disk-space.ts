import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

const MB = 1_000_000;

/** Said in one line, with what helps: nothing need be added. */
export class NoSpaceError extends Error {
  override readonly name = 'NoSpaceError';
}

/** @throws NoSpaceError where the disk that holds a folder, which need not exist yet, has less room than that. */
export async function requireSpace(folder: string, megabytes: number, purpose: string): Promise<void> {
  const free = await freeSpace(folder);
  if (free === undefined || free >= megabytes * MB) return;
  throw new NoSpaceError(
    `The disk of ${folder} has ${Math.floor(free / MB)} MB left, and ${megabytes} MB are needed ${purpose}: make room there.`,
  );
}

/** Undefined where the system does not tell. */
async function freeSpace(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(folder);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== folder ? freeSpace(parent) : undefined;
  }
}
