import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { QueueHandler } from '../../lib/lambda/handler.js';
import type { HandlerLocation } from './thread-work.js';

const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/**
 * Finds what `handler` of serverless.yml points at: the part before the last name's first dot is the file.
 * @throws Error where there is no such file.
 */
export function locateHandler(serviceDir: string, handler: string): HandlerLocation {
  const [name = '', ...exportNames] = basename(handler).split('.');
  const stem = join(dirname(handler), name);
  const file = EXTENSIONS.map((extension) => resolve(serviceDir, stem + extension)).find((path) => existsSync(path));
  if (file === undefined || exportNames.length === 0) {
    throw new Error(
      `handler ${handler}: there is no ${stem}${EXTENSIONS.join(', ')} with such an export; is it built?`,
    );
  }
  return { file, exportName: exportNames.join('.') };
}

/** Loads an ES module or a CommonJS one. @throws TypeError if the export is no function. */
export async function loadHandler({ file, exportName }: HandlerLocation): Promise<QueueHandler<unknown>> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  // Not every export of a CommonJS module can be seen from outside before it has run; all of them are on its default.
  const handler = exported(module, exportName) ?? exported(module['default'], exportName);
  if (typeof handler !== 'function') throw new TypeError(`${file} exports no function ${exportName}`);
  return handler as QueueHandler<unknown>;
}

function exported(module: unknown, exportName: string): unknown {
  return exportName.split('.').reduce<unknown>((found, name) => (found as Record<string, unknown>)?.[name], module);
}
