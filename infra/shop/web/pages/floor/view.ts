import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';

/** What a person has chosen to see. It stands in the address, so that it can be sent to somebody. Empty is not chosen. */
export interface View {
  /** Of the feed: what happened. */
  readonly what: string;
  /** Of the feed: words. */
  readonly find: string;
  /** Of the invocations: a queue. */
  readonly queue: string;
  /** Of the invocations: only those that failed. */
  readonly failed: string;
  /** Of the dead letters: their state. */
  readonly letters: string;
  /** The list and the key of what is open. */
  readonly open: string;
}

export type Show = (change: Partial<View> | ((before: View) => Partial<View>)) => void;

const NOTHING_CHOSEN: View = { what: '', find: '', queue: '', failed: '', letters: '', open: '' };
/** Addresses are typed by people and passed on. */
const LONGEST = 300;

export const ChosenView = createContext<{ readonly view: View; readonly show: Show }>({
  view: NOTHING_CHOSEN,
  show: () => undefined,
});

export function useView(): { readonly view: View; readonly show: Show } {
  return useContext(ChosenView);
}

/** Keeps the view of a page, and its address true. */
export function useAddress(): { readonly view: View; readonly show: Show } {
  const [view, setView] = useState(() => viewOf(location.search));
  const show = useCallback<Show>((change) => {
    setView((before) => ({ ...before, ...(typeof change === 'function' ? change(before) : change) }));
  }, []);
  useEffect(() => history.replaceState(null, '', `${location.pathname}${searchOf(view)}${location.hash}`), [view]);
  return { view, show };
}

/** What is open of a list, and how to open or close one. */
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
