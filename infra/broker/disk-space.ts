import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

const MB = 1_000_000;

/** The message is one line that says what to do: nothing needs to be added. */
export class NoSpaceError extends Error {
  override readonly name = 'NoSpaceError';
}

/** @throws NoSpaceError if the disk of a folder, which need not exist yet, has less free space than that */
export async function requireSpace(folder: string, megabytes: number, purpose: string): Promise<void> {
  const free = await freeSpace(folder);
  if (free === undefined || free >= megabytes * MB) return;
  throw new NoSpaceError(
    `The disk of ${folder} has ${Math.floor(free / MB)} MB left, but ${megabytes} MB are needed ${purpose}: free some space.`,
  );
}

/** Undefined if the system does not report it. */
async function freeSpace(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(folder);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== folder ? freeSpace(parent) : undefined;
  }
}
