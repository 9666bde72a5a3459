import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const FOLDER = resolve('test/strangers');

/** Installs what strangers have beside the project, and gives the folder that holds it. */
export function installStrangers(): string {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--prefer-offline'];
  execFileSync('npm', ['ci', '--prefix', FOLDER, ...quiet], { stdio: 'pipe' });
  return resolve(FOLDER, 'node_modules');
}
