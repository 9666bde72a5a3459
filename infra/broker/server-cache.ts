import { mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustBeOurs } from './own-folder.js';

/**
 * Where Debian's packages are unpacked to, once for all projects of a user: in `XDG_CACHE_HOME`, else `~/.cache`, else the
 * folder of temporary files. Not in a project: programs are started from there, and a repository could bring its own.
 * @throws Error where none of these can be used, or another user may write to it
 */
export async function serverCache(): Promise<string> {
  const caches = [process.env['XDG_CACHE_HOME'], join(homedir(), '.cache')].map(
    (path) => path && join(path, 'smart-shopping'),
  );
  // RabbitMQ's own scripts do not quote the path they lie in.
  const usable = [...caches, join(tmpdir(), `smart-shopping-${process.getuid?.() ?? ''}`)].filter(
    (path): path is string => !!path && !/\s/.test(path),
  );
  let problem: unknown;
  for (const folder of usable) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await mustBeOurs(folder);
      return join(folder, 'server');
    } catch (error) {
      problem ??= error;
    }
  }
  throw problem;
}
