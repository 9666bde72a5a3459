// Builds into a new folder, and then makes dist/ the same: a file that changed is replaced in one step, and one that did not
// is left alone. So commands that run meanwhile find every file whole, and `npm start` reloads only what has changed.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './node-version.mjs';

requireNode(pathToFileURL('package.json'));

const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
const draft = `dist.${process.pid}`;

try {
  run('tsc', '--outDir', draft);
  run('vite', 'build', '--outDir', resolve(draft, 'web'));
  for (const command of Object.values(bin)) chmodSync(command.replace('dist', draft), 0o755);
  replace(draft, 'dist');
} catch (error) {
  // What failed has printed why.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(draft, { recursive: true, force: true });
}

/** Tools of node_modules/.bin, which npm puts on PATH. */
function run(tool, ...args) {
  execFileSync(tool, args, { stdio: 'inherit' });
}

function replace(from, to) {
  const built = new Set(filesIn(from));
  for (const file of built) {
    if (isSame(join(from, file), join(to, file))) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    renameSync(join(from, file), join(to, file));
  }
  for (const file of filesIn(to)) if (!built.has(file)) rmSync(join(to, file));
}

function filesIn(folder) {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return [];
  }
}

function isSame(one, other) {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}
