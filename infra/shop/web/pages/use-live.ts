import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { type Link, listenToServer } from './listen.js';

/** A page's state, folded from its server's messages. */
export function useLive<State, Told>(
  path: string,
  initial: State,
  fold: (state: State, told: Told) => State,
): { readonly state: State; readonly link: Link } {
  const [state, tell] = useReducer(fold, initial);
  const [link, setLink] = useState<Link>('connecting');
  useEffect(() => listenToServer(path, tell, setLink), [path]);
  return { state, link };
}

const SECOND_MS = 1_000;

/** The current time, once a second, so that ages grow by themselves. Milliseconds since 1970. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

const NARROW = matchMedia('(max-width: 560px)');

/** Whether the page is as narrow as a phone. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const change = (): void => setNarrow(NARROW.matches);
    NARROW.addEventListener('change', change);
    return () => NARROW.removeEventListener('change', change);
  }, []);
  return narrow;
}

/** The part of the address from `#` on. */
export function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const change = (): void => setHash(location.hash);
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return hash;
}

const SAID_MS = 6_000;

/** The result of the user's own action: shown at once, and for a while. */
export function useSaid(): readonly [said: string, say: (text: string) => void] {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, setSaid];
}

const CALM_MS = 3_000;

/** A text that changes at most every few seconds, because a screen reader reads each change to the end. */
export function useCalm(text: string): string {
  const [shown, setShown] = useState(text);
  const changedAt = useRef(0);
  useEffect(() => {
    if (text === shown) return;
    const change = (): void => {
      changedAt.current = Date.now();
      setShown(text);
    };
    const timer = setTimeout(change, Math.max(0, changedAt.current + CALM_MS - Date.now()));
    return () => clearTimeout(timer);
  }, [text, shown]);
  return shown;
}
