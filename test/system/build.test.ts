import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** What the build knows about its last run, including the project's own, because the clone has its node_modules. */
const BUILT = join('node_modules', '.cache', 'smart-shopping', 'built');

/** A built clone, as small as it can be. */
describe('a clone', () => {
  let clone: string;
  let cache: string;

  beforeAll(async () => {
    clone = mkdtempSync(join(tmpdir(), 'smart-shopping-clone-'));
    cache = mkdtempSync(join(tmpdir(), 'smart-shopping-npm-cache-'));
    for (const name of ['package.json', 'tsconfig.json', 'vite.config.ts', 'handlers', 'lib', 'infra', 'dist']) {
      cpSync(name, join(clone, name), { recursive: true, preserveTimestamps: true });
    }
    symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
    await npm('npm', 'run', 'build');
  });
  afterAll(() => {
    for (const folder of [clone, cache]) rmSync(folder, { recursive: true, force: true });
  });

  const npm = (command: 'npm' | 'npx', ...args: string[]) => {
    // What npm tells the scripts of this run differs from what it tells those of another.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
    return run(command, args, { cwd: clone, env: { ...env, npm_config_cache: cache } });
  };
  const versions = () =>
    readdirSync(join(clone, 'dist'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => `${file} ${statSync(file).ino} ${statSync(file).mtimeMs}`)
      .sort();

  it('is not built again by npx, whose cache is empty', async () => {
    const before = versions();
    expect((await npm('npx', 'run_worker', '--help')).stdout).toContain('Usage: run_worker');
    expect(versions()).toEqual(before);
  });

  it('is not built again where nothing has changed, and is where a file of dist/ is gone', async () => {
    const before = versions();
    const built = readFileSync(BUILT, 'utf8');
    await npm('npm', 'run', 'build');
    expect(readFileSync(BUILT, 'utf8')).toBe(built);
    expect(versions()).toEqual(before);
    rmSync(join(clone, 'dist', 'lib', 'lambda', 'index.js'));
    await npm('npm', 'run', 'build');
    expect(versions()).toHaveLength(before.length);
  });

  it('is built anew without touching what stays the same', async () => {
    const before = versions();
    rmSync(BUILT);
    await npm('npm', 'run', 'build');
    expect(versions()).toEqual(before);
    expect(readdirSync(clone).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
  });

  it('never lacks a file while a change is built, and loses what has no source any more', async () => {
    const source = join(clone, 'infra', 'commands', 'port.ts');
    writeFileSync(source, `${readFileSync(source, 'utf8')}\nexport const CHANGED = true;\n`);
    writeFileSync(join(clone, 'dist', 'stale.js'), '');
    const before = versions();
    const built = npm('npm', 'run', 'build').then(() => true);
    while ((await Promise.race([built, undefined])) !== true) {
      await npm('npm', 'exec', '--', 'node', 'dist/infra/shop/commands/smart-shopping.js', '--help');
    }
    const after = versions();
    expect(before.filter((version) => !after.includes(version)).map((version) => version.split(' ')[0])).toEqual(
      ['infra/commands/port.d.ts', 'infra/commands/port.js', 'infra/commands/port.js.map', 'stale.js'].map((file) =>
        join(clone, 'dist', file),
      ),
    );
  });

  it('keeps what it has where the build fails', async () => {
    writeFileSync(join(clone, 'lib', 'broken.ts'), 'export const broken: string = 1;\n');
    const before = versions();
    await expect(npm('npm', 'run', 'build')).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('TS2322'),
    });
    expect(versions()).toEqual(before);
    rmSync(join(clone, 'lib', 'broken.ts'));
  });
});
