import { chmod, lstat } from 'node:fs/promises';

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * Anyone who may write to a folder that programs are started from has the rights of their user. Removes the group's write
 * permission.
 * @throws Error if it is a link, belongs to another user other than root, or is writable by everyone
 */
export async function mustBeOurs(folder: string): Promise<void> {
  const self = process.getuid?.();
  // Windows has no such permissions.
  if (self === undefined) return;
  const found = await lstat(folder);
  const { uid, mode } = found;
  const advice = 'Programs are started from there: delete it, or name another folder.';
  if (found.isSymbolicLink()) throw new Error(`${folder} is a link. ${advice}`);
  if (uid !== self && uid !== 0) throw new Error(`${folder} belongs to another user. ${advice}`);
  if ((mode & OTHERS_WRITE) !== 0) throw new Error(`Everyone can write to ${folder}. ${advice}`);
  if (uid === self && (mode & GROUP_WRITES) !== 0) await chmod(folder, mode & ~GROUP_WRITES);
}
