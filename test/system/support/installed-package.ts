import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Packs the built project and installs it as a stranger does. Gives the folder that has it in its node_modules. */
export function installPackage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'installed-package-'));
  npm('.', 'pack', '--ignore-scripts', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`);
  return folder;
}

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: 'pipe' });
}
