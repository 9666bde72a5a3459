import { useRef } from 'preact/hooks';
import { lettersOf } from '../../../../../lib/shop/floor/letters.js';
import { servedQueues } from '../../../../../lib/shop/floor/served-queues.js';
import { advance, EMPTY_FLOOR } from '../../../../../lib/shop/floor/shop-floor.js';
import { NOTHING_KNOWN } from '../../../../../lib/shop/floor/shop-status.js';
import type { FloorMessage, FloorStatus } from '../../page-messages.js';
import { LinkLine } from '../display/link-line.js';
import { Currency } from '../display/money.js';
import { preciseClock } from '../display/time.js';
import { useLive, useSaid } from '../use-live.js';
import { Baskets } from './baskets.js';
import { Beside } from './beside.js';
import { Bills } from './bills.js';
import { DeadLetters } from './dead-letters.js';
import { EventDetails, noteOf, titleOf } from './event-details.js';
import { Feed } from './feed.js';
import { Figures } from './figures.js';
import { Glossary } from './glossary.js';
import { Invocations, Letters } from './hops.js';
import { InvocationDetails, InvocationsPanel, resultOf } from './invocations.js';
import { useActing } from './letter-actions.js';
import { LetterDetails } from './letter-details.js';
import { Queues } from './queues.js';
import { SendEvent } from './send-event.js';
import { Spread } from './spread.js';
import { TopologyPicture } from './topology-picture.js';
import { knownTroubles, Troubles } from './troubles.js';
import { ChosenView, useAddress } from './view.js';
import { productOf, whatOf } from './what.js';

const NOTHING_YET = { floor: EMPTY_FLOOR, status: NOTHING_KNOWN as FloorStatus };

function fold(state: typeof NOTHING_YET, { snapshot, events, status }: FloorMessage): typeof NOTHING_YET {
  return { floor: advance(snapshot ?? state.floor, events ?? []), status: status ?? state.status };
}

/** Everything that happens in the shop, live. */
export function FloorPage({ path }: { path: string }) {
  const { state, link } = useLive(path, NOTHING_YET, fold);
  const [said, say] = useSaid();
  const { floor, status } = state;
  const [latest] = floor.feed;
  const troubles = knownTroubles(link, status);
  const served = servedQueues(status, floor.workers);
  const letters = lettersOf(floor.deadLetters);
  const address = useAddress();
  const acting = useActing();
  const isEmpty = status.connected && floor.feed.length === 0;
  // It does not move while someone is using it.
  const sensorFirst = useRef(false);
  sensorFirst.current ||= isEmpty;
  const sensor = <SendEvent path={path} baskets={floor.baskets} isFirst={isEmpty} say={say} />;
  return (
    <Currency.Provider value={status.currency}>
      <ChosenView.Provider value={address}>
        <Invocations.Provider value={floor.invocations}>
          <Letters.Provider value={letters}>
            <div class="floor">
              <header class="floor-top">
                <div>
                  <p class="eyebrow">Smart shop</p>
                  <div class="floor-title">
                    <h1>Shop floor</h1>
                    <Glossary />
                  </div>
                  <p class="quiet">
                    A sensor sees what customers pick up and purchase. Workers turn the two into one bill. All of it is
                    shown here, live.
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
              <Troubles troubles={troubles} rescale={link === 'open' ? status.rescale : undefined} />
              <main class={link === 'open' && status.connected ? '' : 'is-stale'}>
                {sensorFirst.current && sensor}
                <Figures floor={floor} status={status} />
                <TopologyPicture totals={floor.totals} served={served} queues={status.queues} />
                <div class="columns">
                  <div class="stack">
                    <DeadLetters
                      letters={letters}
                      total={floor.totals.deadLetters}
                      since={floor.totals.refusedSince}
                      status={status}
                      acting={acting}
                      say={say}
                    />
                  </div>
                  <Beside
                    list="letters"
                    items={letters}
                    titleOf={({ latest }) => titleOf(latest)}
                    noteOf={({ latest }) => noteOf(latest)}
                    detailsOf={(letter) => (
                      <LetterDetails letter={letter} busy={status.action?.state === 'running'} wish={acting.wish} />
                    )}
                  >
                    <Bills bills={floor.bills} totals={floor.totals} />
                  </Beside>
                </div>
                <div class="columns">
                  <div class="stack">
                    {!sensorFirst.current && sensor}
                    <Feed feed={floor.feed} />
                  </div>
                  <Beside
                    list="feed"
                    items={floor.feed}
                    titleOf={titleOf}
                    noteOf={noteOf}
                    detailsOf={(event) => <EventDetails event={event} />}
                  >
                    <Baskets baskets={floor.baskets} unlisted={status.unlistedBaskets} />
                    <Queues served={served} queues={status.queues} />
                    <Spread path={path} served={served} say={say} />
                  </Beside>
                </div>
                <div class="columns">
                  <InvocationsPanel invocations={floor.invocations} />
                  <Beside
                    list="invocations"
                    items={floor.invocations}
                    titleOf={(invoked) => `${invoked.queue} ${resultOf(invoked)}`}
                    noteOf={({ at }) => preciseClock(at)}
                    detailsOf={(invoked) => <InvocationDetails invoked={invoked} say={say} />}
                  />
                </div>
              </main>
            </div>
          </Letters.Provider>
        </Invocations.Provider>
      </ChosenView.Provider>
    </Currency.Provider>
  );
}
