/**
 * A stranger's text, made safe for a terminal: anything that would move the cursor, ring, or write from right to left is escaped
 * as in JSON. Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) =>
    /[\n\t]/.test(character) ? character : writtenOut(character),
  );
}

/** The same in one line: line breaks are replaced, too. */
export function printableLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, writtenOut);
}

const COLOUR = new RegExp(`(${'\u001b'}\\[[\\d;]*m)`);

/**
 * Of all escape sequences, only those for colours stay
 * (https://ecma-international.org/publications-and-standards/standards/ecma-48/, SGR).
 */
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

/** Prints a result on stdout. All output goes through here or `printNotice`, so none of it can control a terminal. */
export function printResult(text: string): void {
  process.stdout.write(`${withColours(text)}\n`);
}

/** Prints a notice for people on stderr. */
export function printNotice(text: string): void {
  process.stderr.write(`${withColours(text)}\n`);
}
