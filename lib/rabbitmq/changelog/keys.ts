import { readFile } from 'node:fs/promises';

/** Where the keys are that sign a changelog: the text itself, or a file of them. A key in each line, the one that signs first. */
export type KeySource = { readonly text: string } | { readonly file: string };

/** By the environment's variables, of which a file is the safer one; undefined where neither is set. */
export function namedKeys(environment: NodeJS.ProcessEnv = process.env): KeySource | undefined {
  const { CHANGELOG_KEY_FILE: file, CHANGELOG_KEY: text } = environment;
  if (file) return { file };
  return text ? { text } : undefined;
}

/** Reads them each time, so that a key that is put before another one counts at the next connection. */
export function keysOf(source: KeySource): () => Promise<readonly string[]> {
  return async () => {
    const text = 'text' in source ? source.text : await readFile(source.file, 'utf8');
    return text.split('\n').flatMap((line) => line.trim() || []);
  };
}
