import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';

export interface PageFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Its name changes with its content, so it can be cached. */
  readonly immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the built pages: path within the folder -> file. A few hundred kilobytes, kept in memory, so that no request ever becomes
 * a path on disk.
 */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new Error('The pages are not built: run `npm run build`.', { cause });
  });
  const files = new Map<string, PageFile>();
  for (const entry of entries.filter((each) => each.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const type = TYPES[extname(file)];
    if (type === undefined) continue;
    const path = relative(folder, file).split(sep).join('/');
    files.set(path, { content: new Uint8Array(await readFile(file)), type, immutable: path.startsWith('assets/') });
  }
  return files;
}
