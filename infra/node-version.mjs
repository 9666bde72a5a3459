// Plain JavaScript without new imports: it must run on any Node, and before anything is built.
import { readFileSync } from 'node:fs';

/**
 * Ends the process with one line if this Node is older than the package requires.
 * @param {URL} packageJson
 */
export function requireNode(packageJson) {
  const { engines } = JSON.parse(readFileSync(packageJson, 'utf8'));
  const [, wanted] = /^>=([\d.]+)$/.exec(engines.node) ?? [];
  if (wanted === undefined) throw new Error(`package.json: engines.node must be >= a version, not ${engines.node}`);
  if (!isOlder(process.versions.node, wanted)) return;
  process.stderr.write(
    `Node ${wanted} or newer is needed; this is ${process.versions.node}. See https://nodejs.org/\n`,
  );
  process.exit(1);
}

/**
 * @param {string} version such as 18.20.8
 * @param {string} other such as 20.19
 * @returns {boolean}
 */
export function isOlder(version, other) {
  const numbers = version.split('.').map(Number);
  for (const [index, number] of other.split('.').map(Number).entries()) {
    const own = numbers[index] ?? 0;
    if (own !== number) return own < number;
  }
  return false;
}
