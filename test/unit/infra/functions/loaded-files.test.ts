import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadedFiles, watchLoadedFiles } from '../../../../infra/functions/loaded-files.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loaded-files-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('the files that a handler loads', () => {
  it('are found through imports and requires, in circles too; packages are left out', () => {
    const entry = write('handler.js', "import { a } from './a.js';\nimport 'zod';\nconst b = await import('./b.cjs');");
    write('a.js', "export * from './handler.js';");
    write('b.cjs', "require('./c');");
    write('c.js', '');
    write('stranger.js', '');
    expect([...loadedFiles(entry)].map((file) => basename(file)).sort()).toEqual([
      'a.js',
      'b.cjs',
      'c.js',
      'handler.js',
    ]);
  });

  it('are found in TypeScript, by its own names and by those of what it is compiled to', () => {
    const entry = write(
      'handler.ts',
      "import { a } from './a';\nimport { b } from './b.js';\nimport { c } from './c.mjs';",
    );
    for (const name of ['a.ts', 'b.ts', 'c.mts']) write(name, '');
    expect([...loadedFiles(entry)].map((file) => basename(file)).sort()).toEqual([
      'a.ts',
      'b.ts',
      'c.mts',
      'handler.ts',
    ]);
  });

  it('are reported when one of them has changed and is no longer changing', async () => {
    const entry = write('handler.js', "import './a.js';");
    write('a.js', '');
    const stop = new AbortController();
    let changes = 0;
    const watching = watchLoadedFiles(entry, () => changes++, stop.signal);
    const change = (): number => {
      write('a.js', `${Math.random()}`);
      return changes;
    };
    // Slower than the watcher looks, or it never settles.
    await expect.poll(change, { timeout: 20_000, interval: 1_500 }).toBeGreaterThan(0);
    stop.abort();
    await watching;
  });
});
