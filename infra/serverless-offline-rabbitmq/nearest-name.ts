/** More changes than this, and the two names have nothing to do with each other. */
const CHANGES_AT_MOST = 3;

/** The known name that a mistyped one most likely means; undefined where none is near. */
export function nearestName(mistyped: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, changes: changesBetween(mistyped.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.changes - other.changes);
  return best !== undefined && best.changes <= CHANGES_AT_MOST ? best.name : undefined;
}

/** Levenshtein distance: letters to insert, delete or replace. */
function changesBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, wanted] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === wanted ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above[to.length] ?? 0;
}
