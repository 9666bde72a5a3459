/**
 * A stranger's text for a terminal: what would move the cursor, ring, or write from right to left is written out, as JSON does
 * it. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    /[\n\t]/.test(character) ? character : writtenOut(character),
  );
}

/** The same in one line: what says that it is two is one. */
export function printableLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, writtenOut);
}

const COLOUR = new RegExp(`(${'\u001b'}\\[[\\d;]*m)`);

/** Of all escape sequences those for colours stay (https://ecma-international.org/publications-and-standards/standards/ecma-48/, SGR). */
function withColours(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

function writtenOut(character: string): string {
  return Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}

/** A result, on stdout. All that is printed goes through here or `printNotice`: nothing in it can act on a terminal. */
export function printResult(text: string): void {
  process.stdout.write(`${withColours(text)}\n`);
}

/** A notice for people, on stderr. */
export function printNotice(text: string): void {
  process.stderr.write(`${withColours(text)}\n`);
}
