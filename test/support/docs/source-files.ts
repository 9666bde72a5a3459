import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file of TypeScript below some folders. */
export function sourceFiles(folders: readonly string[]): { readonly path: string; readonly text: string }[] {
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}
