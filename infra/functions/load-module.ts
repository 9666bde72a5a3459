import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { textOf } from './text-of.js';

export type ModuleExports = Readonly<Record<string, unknown>>;

/** The file of a module or package, looked up from several folders; undefined if there is none. */
export function resolveModule(id: string, paths: string[]): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(id, { paths });
  } catch {
    return undefined;
  }
}

/**
 * Loads an ES module, a CommonJS module, or TypeScript with `tsx`: the service's own, or the one that comes with
 * serverless-offline 14.
 * @param serviceDir where one of them is installed
 * @throws whatever the module throws
 */
export async function loadModule(file: string, serviceDir: string): Promise<ModuleExports> {
  if (!file.endsWith('.ts')) return importFile(file);
  const requireTsx = createRequire(dependentOnTsx(serviceDir));
  if (!isInModulePackage(file)) return requireTsx('tsx/cjs/api').require(file, file);
  // Its CommonJS variant looks for its own files in the wrong folder on Node 20 (tried with tsx 4.23).
  const { register } = (await importFile(
    requireTsx.resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs'),
  )) as unknown as TsxApi;
  register();
  return importFile(file);
}

interface TsxApi {
  register(): void;
}

function importFile(file: string): Promise<ModuleExports> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(file).href);
}

/** A file from which tsx can be resolved. */
function dependentOnTsx(serviceDir: string): string {
  if (resolveModule('tsx/cjs/api', [serviceDir]) !== undefined) return join(serviceDir, 'package.json');
  const offline = resolveModule('serverless-offline', [serviceDir, import.meta.dirname]);
  if (offline === undefined) throw new Error('TypeScript is loaded with tsx: npm install tsx, or build it');
  return offline;
}

/** Whether the nearest package.json declares its files as ES modules. */
function isInModulePackage(file: string): boolean {
  for (let folder = dirname(file); basename(folder) !== 'node_modules'; folder = dirname(folder)) {
    const text = textOf(join(folder, 'package.json'));
    if (text !== undefined) return (JSON.parse(text) as { readonly type?: string }).type === 'module';
    if (folder === dirname(folder)) break;
  }
  return false;
}
