import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { type Catalog, parseCatalog } from '../domain/catalog.js';

/** The exercise's database, which the shop uses unless `SHOP_DATABASE` names another. */
const EXERCISE = fileURLToPath(new URL('exercise.json', import.meta.url));

/** The shop's database cannot be used; the message says which file, where in it, and why. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

export function databaseFile(env: NodeJS.ProcessEnv = process.env): string {
  return env['SHOP_DATABASE'] || EXERCISE;
}

/**
 * Reads the database once.
 * @throws DatabaseError naming line and column of a syntax error, or the JSON path of any other error
 */
export function readDatabase(file: string): Catalog {
  try {
    return parseCatalog(parseJson(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new DatabaseError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** How long a check of the file's time is valid, because a busy worker asks thousands of times a second. */
const LOOK_AGAIN_MS = 500;

/**
 * Follows a database file: every call returns the catalog in force. A changed file is read again; while it is broken, the
 * previous catalog stays in force, and `onRefused` is called with the reason, once per change. The first call throws
 * DatabaseError if there is no previous catalog.
 */
export function followDatabase(file: string, onRefused: (error: Error) => void): () => Catalog {
  let catalog: Catalog | undefined;
  let version = '';
  let lookedAt = -Infinity;
  return () => {
    if (catalog !== undefined && performance.now() - lookedAt < LOOK_AGAIN_MS) return catalog;
    lookedAt = performance.now();
    const found = versionOf(file);
    if (catalog !== undefined && found === version) return catalog;
    try {
      catalog = readDatabase(file);
    } catch (error) {
      if (catalog === undefined) throw error;
      onRefused(error as Error);
    }
    version = found;
    return catalog;
  };
}

function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'missing' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function parseJson(text: string): unknown {
  const source = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new SyntaxError(whereItBreaks(source), { cause: error });
  }
}

/** The messages of `JSON.parse` often contain no position, and differ between versions of Node. */
function whereItBreaks(source: string): string {
  const errors: ParseError[] = [];
  parse(source, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first === undefined) return 'not JSON';
  const before = source.slice(0, first.offset).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  return `line ${before.length}, column ${column}: ${inWords(printParseErrorCode(first.error))}`;
}

/** `PropertyNameExpected` reads as "property name expected". */
function inWords(code: string): string {
  return code.replace(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}
