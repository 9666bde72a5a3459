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
  /** Something is wrong, and shown elsewhere. */
  readonly troubled?: boolean;
  readonly latest: string;
  /** The result of the user's own action; empty if there was none recently. */
  readonly said?: string;
}

/**
 * The one line that a screen reader announces by itself: the latest change, the result of one's own action, or a lost connection.
 */
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
