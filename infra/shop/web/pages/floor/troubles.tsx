import { workerOf } from '../../../../../lib/shop/domain/topology.js';
import { NOTHING_KNOWN, type ShopStatus } from '../../../../../lib/shop/floor/shop-status.js';
import { type Trouble, troublesOf } from '../../../../../lib/shop/floor/troubles.js';
import type { Link } from '../listen.js';

const LOST: Trouble = {
  key: 'link',
  what: 'The connection to this page is lost.',
  advice: 'What you see is from before. It is tried again; is the shop still running?',
};

/** What is wrong, as far as the page knows. Nothing while it is not connected for the first time. */
export function knownTroubles(link: Link, status: ShopStatus): readonly Trouble[] {
  if (status === NOTHING_KNOWN) return [];
  if (link === 'lost') return [LOST];
  return link === 'open' ? troublesOf(status) : [];
}

/** What happens to the shop while it works, above all else but troubles. A screen reader is told when it is idle. */
export function News({ link, status }: { readonly link: Link; readonly status: ShopStatus }) {
  const { rescale } = status;
  return (
    <div role="status">
      {link === 'open' && rescale !== undefined && (
        <p class="news">
          <b>The products are being shared anew by {listed(rescale.queues.map(workerOf))}.</b> Open baskets move along,
          and nothing stops. It waits for {listed(rescale.waitsFor.map(workerOf))}.
        </p>
      )}
    </div>
  );
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}

/** Above all else, where something is wrong. A screen reader is told once. */
export function Troubles({ troubles }: { troubles: readonly Trouble[] }) {
  return (
    <div role="alert">
      {troubles.length > 0 && (
        <ul class="troubles">
          {troubles.map(({ key, what, advice, command }) => (
            <li key={key}>
              <b>{what}</b> {advice} {command !== undefined && <code>{command}</code>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
