/** A click on a row opens it, except a click on a control inside it, or one that ends a text selection. */
export function isForRow({ target }: Event): boolean {
  if (target instanceof Element && target.closest('button, a, input') !== null) return false;
  return getSelection()?.isCollapsed !== false;
}
