/** The newest `limit` of the old and the new items, newest first. */
export function newest<Item>(before: readonly Item[], came: readonly Item[], limit: number): readonly Item[] {
  if (came.length === 0) return before;
  return [...came.slice(-limit).reverse(), ...before].slice(0, limit);
}
