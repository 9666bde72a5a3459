import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const FOLDER = resolve('test/strangers');

/** The packages that other people's services use. */
export const STRANGERS = join(FOLDER, 'node_modules');

/** Installs them if that has not been done. */
export async function installStrangers(): Promise<void> {
  if (changedAt(join(STRANGERS, '.package-lock.json')) > changedAt(join(FOLDER, 'package-lock.json'))) return;
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefer-offline'];
  await promisify(execFile)('npm', ['ci', '--prefix', FOLDER, ...quiet]);
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
