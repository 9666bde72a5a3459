import { workerOf } from '../../../../../lib/shop/domain/topology.js';
import { NOTHING_KNOWN, type ShopStatus } from '../../../../../lib/shop/floor/shop-status.js';
import { type Trouble, troublesOf } from '../../../../../lib/shop/floor/troubles.js';
import type { Link } from '../listen.js';

const LOST: Trouble = {
  key: 'link',
  what: 'The connection to this page was lost.',
  advice: 'What you see is out of date. The page keeps trying; is the shop still running?',
};

/** What is wrong, as far as the page knows. Nothing until it is connected for the first time. */
export function knownTroubles(link: Link, status: ShopStatus): readonly Trouble[] {
  if (status === NOTHING_KNOWN) return [];
  if (link === 'lost') return [LOST];
  return link === 'open' ? troublesOf(status) : [];
}

interface TroublesProps {
  readonly troubles: readonly Trouble[];
  /** Also undefined if it is not known. */
  readonly rescale: ShopStatus['rescale'];
}

/** Shown above everything else if something is wrong, or during a rescale. A screen reader announces it once. */
export function Troubles({ troubles, rescale }: TroublesProps) {
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
      {rescale !== undefined && (
        <p class="news">
          <b>The products are being redistributed among {listed(rescale.queues.map(workerOf))}.</b> Open baskets move
          along, and nothing stops. It waits for {listed(rescale.waitsFor.map(workerOf))}.
        </p>
      )}
    </div>
  );
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en').format(names);
}
