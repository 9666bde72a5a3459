import { mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { mustBeOurs } from './own-folder.js';

/**
 * Where Debian's packages are unpacked, once for all projects of a user: in `XDG_CACHE_HOME`, else `~/.cache`, else the folder
 * for temporary files. Not in a project, because programs are started from there, and a repository could bring its own.
 * @throws Error if none of these can be used, or if another user may write to it
 */
export async function serverCache(): Promise<string> {
  const named = process.env['XDG_CACHE_HOME'] ?? '';
  const folders = [
    // Its specification says that relative paths are ignored.
    ...(isAbsolute(named) ? [join(named, 'smart-shopping')] : []),
    join(homedir(), '.cache', 'smart-shopping'),
    join(tmpdir(), `smart-shopping-${process.getuid?.() ?? ''}`),
  ];
  let problem: unknown;
  for (const folder of folders) {
    try {
      // RabbitMQ's own scripts do not quote their path.
      if (/\s/.test(folder)) throw new Error(`RabbitMQ cannot run from ${folder}: the path contains a space.`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await mustBeOurs(folder);
      return join(folder, 'server');
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem;
}
