// Builds into a new folder, and then makes dist/ the same: each changed file is replaced in one step, and unchanged files are
// left alone. So commands that are running meanwhile always find complete files, and `npm start` reloads only what has changed.
// If neither the sources nor dist/ have changed since the last build, nothing is done: `npm ci` has just built for `npm test`.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireNode } from './node-version.mjs';

requireNode(pathToFileURL('package.json'));

const { bin } = JSON.parse(readFileSync('package.json', 'utf8'));
const SOURCES = ['handlers', 'infra', 'lib'];
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'];
const BUILT = join('node_modules', '.cache', 'smart-shopping', 'built');
const draft = `dist.${process.pid}`;

if (contentOf(BUILT) === state()) process.exit();
try {
  run('tsc', '--outDir', draft);
  run('vite', 'build', '--outDir', resolve(draft, 'web'));
  for (const command of Object.values(bin)) chmodSync(command.replace('dist', draft), 0o755);
  replace(draft, 'dist');
  mkdirSync(dirname(BUILT), { recursive: true });
  writeFileSync(BUILT, state());
} catch (error) {
  // The failed tool has printed the reason.
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(draft, { recursive: true, force: true });
}

/** The inputs of the build in this folder, and the parts of dist/ that it makes. */
function state() {
  const hash = createHash('sha256').update(`${process.version} ${resolve('dist')}`);
  const sources = SOURCES.flatMap((folder) => filesIn(folder).map((file) => join(folder, file)));
  for (const file of [...sources.sort(), ...SETTINGS]) hash.update(`\n${file}\n${contentOf(file)}`);
  for (const file of filesIn('dist').sort()) {
    const { size, mtimeMs } = statSync(join('dist', file));
    hash.update(`\n${file} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex');
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
  return contentOf(one) === contentOf(other);
}

/** Undefined if it does not exist. */
function contentOf(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
