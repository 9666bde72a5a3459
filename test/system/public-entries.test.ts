import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { removeFolder } from '../support/system/folders.js';
import { run } from '../support/system/installed-command.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'public-entries-'));
  symlinkSync(join(inject('installedPackage'), 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => removeFolder(folder));

/** As a stranger compiles it, strictly, with the package as it is installed. */
async function compiled(sources: Readonly<Record<string, string>>) {
  const files = Object.entries(sources).map(([name, text]) => {
    const file = join(folder, `${name}.mts`);
    writeFileSync(file, text);
    return file;
  });
  const options = '--noEmit --strict --module nodenext --target es2023 --types node --typeRoots'.split(' ');
  const tsc = resolve('node_modules/typescript/bin/tsc');
  return run(tsc, [...options, resolve('node_modules/@types'), ...files], folder);
}

/** The examples in the docstrings, by the file that has them. */
function examples(): Record<string, string> {
  const found: Record<string, string> = {};
  const files = ['lib', 'infra'].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map((file) => join(top, file)),
  );
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    for (const [, block = ''] of readFileSync(file, 'utf8').matchAll(/@example\n((?: \*(?: (?!@).*)?\n)+)/g)) {
      const code = block.replace(/^ \* ?/gm, '');
      if (code.includes("from 'smart-shopping/")) found[basename(file, '.ts')] = `${code}export {};\n`;
    }
  }
  return found;
}

it('have an example each that compiles', async () => {
  const all = examples();
  const entries = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).exports);
  for (const entry of entries.filter((name) => name !== './package.json'))
    expect(Object.values(all).join()).toContain(`from 'smart-shopping${entry.slice(1)}'`);
  expect(await compiled(all)).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('have types that hold', async () => {
  const consumer = `import { decodeRmqEvent, type RmqEvent, rmqEventSchema } from 'smart-shopping/rmq-event';
    import { queueFunction } from 'smart-shopping/queue-function';
    export const ids = (event: RmqEvent): (string | undefined)[] => decodeRmqEvent(event).map(({ messageId }) => messageId);
    export const event: RmqEvent = rmqEventSchema.parse({});
    export const handler = queueFunction<number>('till', ({ json }, store) => {
      store.set('last', Number(json));
      return { rejected: 'always' };
    });
    export const later = queueFunction('later', async ({ json }) => ({ rejected: String(await json) }));
    // @ts-expect-error a decision is either of two
    queueFunction('wrong', () => ({}));
    `;
  expect(await compiled({ consumer })).toEqual({ code: 0, stdout: '', stderr: '' });
});
