import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The package.json of this package, wherever it is installed. */
export const PACKAGE_JSON = pathToFileURL(createRequire(import.meta.url).resolve('smart-shopping/package.json'));

export function packageVersion(): string {
  return (JSON.parse(readFileSync(PACKAGE_JSON, 'utf8')) as { version: string }).version;
}
