import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadHandler, locateHandler } from '../../../../infra/functions/load-handler.js';

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'load-handler-')));
});
afterAll(() => rmSync(folder, { recursive: true }));

const COMMON = 'exports.handler = () => 1; exports.nested = { handler: () => 1 };';
const MODULE = 'export const handler = () => 1; export const nested = { handler };';

it.each([
  ['a.handler', 'a.js', COMMON],
  ['b.nested.handler', 'b.mjs', MODULE],
  ['deep/c.handler', 'deep/c.cjs', COMMON],
  ['./d.handler', 'd.ts', 'export const handler = (event?: unknown): number => 1;'],
  ['module/e.handler', 'module/e.ts', `import './f.js'; ${MODULE}`],
  ['g.handler', 'g/index.js', COMMON],
  ['some-package.handler', 'node_modules/some-package/index.js', COMMON],
])('%s is found in %s and loaded', async (handler, file, text) => {
  for (const [name, content] of [
    [file, text],
    ['module/package.json', '{"type":"module"}'],
    ['module/f.ts', ''],
  ] as const) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const found = locateHandler(folder, handler);
  expect(found.file).toBe(join(folder, file));
  expect((await loadHandler(found, process.cwd()))({}, {} as never, () => undefined)).toBe(1);
});

it('what is not there is named, with the places that were looked at', () => {
  expect(() => locateHandler(folder, 'src/absent.handler')).toThrow(
    `handler src/absent.handler: there is no src/absent, .js, .mjs, .cjs, .ts in ${folder} with such an export; has it been built?`,
  );
});

it('an export that is not a function is named', async () => {
  writeFileSync(join(folder, 'none.js'), 'exports.handler = 3;');
  await expect(loadHandler(locateHandler(folder, 'none.handler'), folder)).rejects.toThrow(
    'does not export a function handler',
  );
});
