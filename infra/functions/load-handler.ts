import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { AnyHandler } from '../../lib/lambda/runtime/call-handler.js';
import { loadModule, type ModuleExports, resolveModule } from './load-module.js';

/** The file that `handler` of serverless.yml points at, and the name in it. */
export interface HandlerFile {
  readonly file: string;
  readonly exportName: string;
}

/** In the order in which Lambda's runtime looks, and serverless-offline with it; TypeScript is its own. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts'];

/**
 * Finds what `handler` points at below the folder of the code: the part before the last name's first dot is the file, or a
 * folder with an index, or a package.
 * @throws Error where there is nothing such.
 */
export function locateHandler(codeDir: string, handler: string): HandlerFile {
  const [name = '', ...exportNames] = basename(handler).split('.');
  const stem = join(dirname(handler), name);
  const exportName = exportNames.join('.');
  const file = EXTENSIONS.map((extension) => moduleAt(resolve(codeDir, stem) + extension)).find(Boolean);
  const found = file ?? packageIn(codeDir, dirname(handler), name);
  if (found === undefined || exportName === '') {
    throw new Error(
      `handler ${handler}: there is no ${stem}${EXTENSIONS.join(', ')} in ${codeDir} with such an export; is it built?`,
    );
  }
  return { file: found, exportName };
}

/** A file, or what a folder stands for. */
function moduleAt(path: string): string | undefined {
  return existsSync(path) ? resolveModule(path, [dirname(path)]) : undefined;
}

function packageIn(codeDir: string, folder: string, name: string): string | undefined {
  return resolveModule(name, [codeDir, join(codeDir, folder)]);
}

/** Loads a handler. @throws whatever its module throws; TypeError if the export is not a function */
export async function loadHandler({ file, exportName }: HandlerFile, serviceDir: string): Promise<AnyHandler> {
  const module = await loadModule(file, serviceDir);
  // Not every export of a CommonJS module can be seen from outside before it has run; all of them are on its default.
  const handler = exported(module, exportName) ?? exported(module['default'], exportName);
  if (typeof handler !== 'function') throw new TypeError(`${file} exports no function ${exportName}`);
  return handler as AnyHandler;
}

function exported(module: unknown, exportName: string): unknown {
  return exportName.split('.').reduce<unknown>((found, name) => (found as ModuleExports | undefined)?.[name], module);
}
