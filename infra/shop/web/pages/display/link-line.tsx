import type { Link } from '../listen.js';
import { useCalm } from '../use-live.js';

const SAYS: Readonly<Record<Link, string>> = {
  connecting: 'Connecting',
  open: 'Live',
  lost: 'Connection lost, trying again',
  closed: 'Your session has ended: open a new link',
};

export interface LinkLineProps {
  readonly link: Link;
  readonly connected: boolean;
  /** Something is wrong, and said elsewhere. */
  readonly troubled?: boolean;
  readonly latest: string;
  /** What a person's own action led to; empty where there was none lately. */
  readonly said?: string;
}

/** The one line that a screen reader is told by itself: what changed last, what one's own action did, or that nothing comes. */
export function LinkLine({ link, connected, troubled = false, latest, said = '' }: LinkLineProps) {
  const waiting = link === 'open' && !connected;
  const live = link === 'open' && connected;
  const calm = useCalm(latest);
  return (
    <p class={`link ${live && !troubled ? 'link-live' : 'link-lost'}`} role="status">
      <span class="link-dot" aria-hidden="true" />
      {waiting ? 'Waiting for the broker' : live && troubled ? 'Live, but something is wrong' : SAYS[link]}
      {live && (said || calm) !== '' && <span class="link-latest">{said || calm}</span>}
    </p>
  );
}
