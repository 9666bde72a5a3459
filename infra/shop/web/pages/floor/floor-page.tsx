import { servedQueues } from '../../../../../lib/shop/floor/served-queues.js';
import { advance, EMPTY_FLOOR } from '../../../../../lib/shop/floor/shop-floor.js';
import { NOTHING_KNOWN } from '../../../../../lib/shop/floor/shop-status.js';
import type { FloorMessage } from '../../page-messages.js';
import { LinkLine } from '../display/link-line.js';
import { useLive, useSaid } from '../use-live.js';
import { Baskets } from './baskets.js';
import { Bills } from './bills.js';
import { DeadLetters } from './dead-letters.js';
import { Feed } from './feed.js';
import { Figures } from './figures.js';
import { Invocations } from './hops.js';
import { InvocationsPanel } from './invocations.js';
import { Queues } from './queues.js';
import { SendEvent } from './send-event.js';
import { Spread } from './spread.js';
import { TopologyPicture } from './topology-picture.js';
import { knownTroubles, Troubles } from './troubles.js';
import { productOf, whatOf } from './what.js';

const NOTHING_YET = { floor: EMPTY_FLOOR, status: NOTHING_KNOWN };

function fold(state: typeof NOTHING_YET, { snapshot, events, status }: FloorMessage): typeof NOTHING_YET {
  return { floor: advance(snapshot ?? state.floor, events ?? []), status: status ?? state.status };
}

/** All that happens in the shop, as it happens. */
export function FloorPage({ path }: { path: string }) {
  const { state, link } = useLive(path, NOTHING_YET, fold);
  const [said, say] = useSaid();
  const { floor, status } = state;
  const [latest] = floor.feed;
  const troubles = knownTroubles(link, status);
  const served = servedQueues(status, floor.workers);
  return (
    <Invocations.Provider value={floor.invocations}>
      <div class="floor">
        <header class="floor-top">
          <div>
            <p class="eyebrow">Smart shop</p>
            <h1>Shop floor</h1>
            <p class="quiet">
              A sensor sees what customers pick up and purchase. Workers make one bill of the two. Here is all of it, as
              it happens.
            </p>
          </div>
          <LinkLine
            link={link}
            troubled={troubles.length > 0}
            connected={status.connected}
            said={said}
            latest={latest === undefined ? '' : `${productOf(latest)} ${whatOf(latest)}`}
          />
        </header>
        <Troubles troubles={troubles} />
        <main class={link === 'open' && status.connected ? '' : 'is-stale'}>
          <Figures floor={floor} status={status} />
          <TopologyPicture totals={floor.totals} served={served} queues={status.queues} />
          <div class="columns">
            <div class="stack">
              <SendEvent say={say} />
              <Feed feed={floor.feed} />
            </div>
            <div class="stack">
              <Baskets baskets={floor.baskets} />
              <Queues served={served} queues={status.queues} />
              <Spread path={path} served={served} say={say} />
            </div>
          </div>
          <div class="columns">
            <DeadLetters
              deadLetters={floor.deadLetters}
              total={floor.totals.deadLetters}
              since={floor.totals.refusedSince}
              status={status}
              say={say}
            />
            <Bills bills={floor.bills} totals={floor.totals} />
          </div>
          <InvocationsPanel invocations={floor.invocations} />
        </main>
      </div>
    </Invocations.Provider>
  );
}
