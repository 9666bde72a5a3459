import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { AnyHandler } from '../../lib/lambda/runtime/call-handler.js';
import { loadModule, type ModuleExports, resolveModule } from './load-module.js';

/** The file that `handler` in serverless.yml refers to, and the name of the export. */
export interface HandlerFile {
  readonly file: string;
  readonly exportName: string;
}

/** In the order of Lambda's runtime, and of serverless-offline, which adds TypeScript. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts'];

/**
 * Finds the file that `handler` refers to below the folder of the code: the part before the first dot of the last name is the
 * file, or a folder with an index, or a package.
 * @throws Error if there is none
 */
export function locateHandler(codeDir: string, handler: string): HandlerFile {
  const [name = '', ...exportNames] = basename(handler).split('.');
  const stem = join(dirname(handler), name);
  const exportName = exportNames.join('.');
  const file = EXTENSIONS.map((extension) => moduleAt(resolve(codeDir, stem) + extension)).find(Boolean);
  const found = file ?? packageIn(codeDir, dirname(handler), name);
  if (found === undefined || exportName === '') {
    throw new Error(
      `handler ${handler}: there is no ${stem}${EXTENSIONS.join(', ')} in ${codeDir} with such an export; has it been built?`,
    );
  }
  return { file: found, exportName };
}

/** A file, or the file that a folder stands for. */
function moduleAt(path: string): string | undefined {
  return existsSync(path) ? resolveModule(path, [dirname(path)]) : undefined;
}

function packageIn(codeDir: string, folder: string, name: string): string | undefined {
  return resolveModule(name, [codeDir, join(codeDir, folder)]);
}

/** Loads a handler. @throws whatever its module throws; TypeError if the export is not a function */
export async function loadHandler({ file, exportName }: HandlerFile, serviceDir: string): Promise<AnyHandler> {
  const module = await loadModule(file, serviceDir);
  // Some exports of a CommonJS module are visible only after it has run; all of them are on its default export.
  const handler = exported(module, exportName) ?? exported(module['default'], exportName);
  if (typeof handler !== 'function') throw new TypeError(`${file} does not export a function ${exportName}`);
  return handler as AnyHandler;
}

function exported(module: unknown, exportName: string): unknown {
  return exportName.split('.').reduce<unknown>((found, name) => (found as ModuleExports | undefined)?.[name], module);
}
