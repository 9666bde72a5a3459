import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pause } from '../../lib/waiting/backoff.js';
import { textOf } from './text-of.js';

/** `from './x.js'`, `import './x.js'`, `import('./x.js')`, `require('./x')`: relative imports. */
const LOCAL_IMPORT = /(?:from|import|require)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;
const EXTENSIONS = ['', '.js', '.cjs', '.mjs', '.json', '/index.js', '.ts', '.mts', '.cts', '/index.ts'];
/** TypeScript sources import each other under their compiled names. */
const COMPILED = /\.([cm]?)js$/;

/** A file and the files that it loads by relative names, recursively. */
export function loadedFiles(entry: string): Set<string> {
  const found = new Set<string>();
  const tried = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (tried.has(file)) continue;
    tried.add(file);
    // Most of these do not exist, and checking costs less than an error for each.
    const text = existsSync(file) ? textOf(file) : undefined;
    if (text === undefined) continue;
    found.add(file);
    for (const [, name = ''] of text.matchAll(LOCAL_IMPORT)) {
      const path = resolve(dirname(file), name);
      open.push(...EXTENSIONS.map((extension) => path + extension), path.replace(COMPILED, '.$1ts'));
    }
  }
  return found;
}

const LOOK_MS = 500;

/**
 * Calls `onChange` whenever a handler's file, or one that it loads, has changed, until the signal aborts. It polls instead of
 * using file events: a build that deletes its folder first would leave a listener on nothing. A change counts when two checks
 * agree, so that a build in progress is not mistaken for its end.
 */
export async function watchLoadedFiles(entry: string, onChange: () => void, signal: AbortSignal): Promise<void> {
  let files = loadedFiles(entry);
  let running = versionOf(files);
  let before = running;
  while (!signal.aborted) {
    await pause(LOOK_MS, signal);
    const now = versionOf(files);
    const settled = now === before;
    before = now;
    if (!settled || now === running || now.includes(MISSING)) continue;
    files = loadedFiles(entry);
    running = versionOf(files);
    before = running;
    onChange();
  }
}

const MISSING = 'missing';

function versionOf(files: ReadonlySet<string>): string {
  return [...files].map(versionOfFile).join(' ');
}

/** Synchronous: that takes microseconds, a tenth of the time through Node's thread pool. */
function versionOfFile(file: string): string {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs}/${size}`;
  } catch {
    return MISSING;
  }
}
