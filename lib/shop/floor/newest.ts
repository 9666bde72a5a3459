/** The newest `limit` of what there was and what came, newest first. */
export function newest<Item>(before: readonly Item[], came: readonly Item[], limit: number): readonly Item[] {
  if (came.length === 0) return before;
  return [...came.slice(-limit).reverse(), ...before].slice(0, limit);
}
