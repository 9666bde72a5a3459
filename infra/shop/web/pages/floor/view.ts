import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

/** What the user has chosen to see. It is part of the address, so that it can be shared. Empty means not chosen. */
export interface View {
  /** For the feed: the kind of event. */
  readonly what: string;
  /** For the feed: the search words. */
  readonly find: string;
  /** For the invocations: a queue. */
  readonly queue: string;
  /** For the invocations: whether to show only failed ones. */
  readonly failed: string;
  /** For the dead letters: their state. */
  readonly letters: string;
  /** The list and the key of the open item. */
  readonly open: string;
}

export type Show = (change: Partial<View> | ((before: View) => Partial<View>)) => void;

const NOTHING_CHOSEN: View = { what: '', find: '', queue: '', failed: '', letters: '', open: '' };
/** Addresses are typed and shared by people. */
const LONGEST = 300;

export const ChosenView = createContext<{ readonly view: View; readonly show: Show }>({
  view: NOTHING_CHOSEN,
  show: () => undefined,
});

export function useView(): { readonly view: View; readonly show: Show } {
  return useContext(ChosenView);
}

/** Keeps a page's view and its address in step. */
export function useAddress(): { readonly view: View; readonly show: Show } {
  const [view, setView] = useState(() => viewOf(location.search));
  const show = useCallback<Show>((change) => {
    setView((before) => ({ ...before, ...(typeof change === 'function' ? change(before) : change) }));
  }, []);
  useEffect(() => history.replaceState(null, '', `${location.pathname}${searchOf(view)}${location.hash}`), [view]);
  return { view, show };
}

/** The open item of a list, and how to open or close one. */
export function useOpen(list: string): { readonly open: string | undefined; readonly toggle: (key: string) => void } {
  const { view, show } = useView();
  const toggle = useCallback(
    (key: string) => show(({ open }) => ({ open: open === `${list}:${key}` ? '' : `${list}:${key}` })),
    [list, show],
  );
  return { open: view.open.startsWith(`${list}:`) ? view.open.slice(list.length + 1) : undefined, toggle };
}

function viewOf(search: string): View {
  const parameters = new URLSearchParams(search);
  const chosen = Object.keys(NOTHING_CHOSEN).map((name) => [name, (parameters.get(name) ?? '').slice(0, LONGEST)]);
  return { ...NOTHING_CHOSEN, ...Object.fromEntries(chosen) };
}

function searchOf(view: View): string {
  const chosen = Object.entries(view).filter(([, value]) => value !== '');
  return chosen.length === 0 ? '' : `?${new URLSearchParams(chosen)}`;
}
