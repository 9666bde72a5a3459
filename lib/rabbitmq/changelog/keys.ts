import { readFile } from 'node:fs/promises';

/** Where the keys that sign a changelog come from: the text itself, or a file. One key per line; the first one signs. */
export type KeySource = { readonly text: string } | { readonly file: string };

/** From the environment's variables, of which the one for a file is safer; undefined if neither is set. */
export function namedKeys(environment: NodeJS.ProcessEnv = process.env): KeySource | undefined {
  const { CHANGELOG_KEY_FILE: file, CHANGELOG_KEY: text } = environment;
  if (file) return { file };
  return text ? { text } : undefined;
}

/** Reads them each time, so that a key that is put before another takes effect at the next connection. */
export function keysOf(source: KeySource): () => Promise<readonly string[]> {
  return async () => {
    const text = 'text' in source ? source.text : await readFile(source.file, 'utf8');
    return text.split('\n').flatMap((line) => line.trim() || []);
  };
}
