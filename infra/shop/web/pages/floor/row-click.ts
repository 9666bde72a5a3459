/** A click on a row opens it, but one on something in it that acts itself, or one that ends the marking of text. */
export function isForRow({ target }: Event): boolean {
  if (target instanceof Element && target.closest('button, a, input') !== null) return false;
  return getSelection()?.isCollapsed !== false;
}
