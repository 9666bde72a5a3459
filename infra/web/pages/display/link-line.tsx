import type { Link } from '../listen.js';
import { useCalm } from '../use-live.js';

const SAYS: Readonly<Record<Link, string>> = {
  connecting: 'Connecting',
  open: 'Live',
  lost: 'Connection lost, trying again',
  closed: 'Your session is over: open a new link',
};

/** The one line that a screen reader is told by itself: what changed last, or that nothing comes. */
export function LinkLine({ link, connected, latest }: { link: Link; connected: boolean; latest: string }) {
  const waiting = link === 'open' && !connected;
  const live = link === 'open' && connected;
  const calm = useCalm(latest);
  return (
    <p class={`link ${live ? 'link-live' : 'link-lost'}`} role="status">
      <span class="link-dot" aria-hidden="true" />
      {waiting ? 'Waiting for the broker' : SAYS[link]}
      {live && calm !== '' && <span class="link-latest">{calm}</span>}
    </p>
  );
}
