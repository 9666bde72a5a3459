import { type Activity, foldActivity } from './activity.js';
import type { BillPassed, DeadLetter, FloorEvent } from './floor-event.js';
import { newest } from './newest.js';
import { foldOpenBaskets, type OpenBasket } from './open-baskets.js';
import { foldTotals, NOTHING_YET, type Totals } from './totals.js';
import { foldWorkerShares, type WorkerShare } from './worker-shares.js';

/** All that a person who runs the shop sees. JSON as it stands, and bounded however long the shop is open. */
export interface ShopFloor {
  /** Newest first, as are bills and dead letters. */
  readonly feed: readonly FloorEvent[];
  readonly bills: readonly BillPassed[];
  readonly deadLetters: readonly DeadLetter[];
  readonly baskets: readonly OpenBasket[];
  readonly workers: readonly WorkerShare[];
  readonly activity: readonly Activity[];
  readonly totals: Totals;
}

const FEED_LENGTH = 200;
const BILLS_LISTED = 100;
const DEAD_LETTERS_LISTED = 100;

export const EMPTY_FLOOR: ShopFloor = {
  feed: [],
  bills: [],
  deadLetters: [],
  baskets: [],
  workers: [],
  activity: [],
  totals: NOTHING_YET,
};

/** The shop floor after some more events. Server and page both fold with it, so the page needs only what is new. */
export function advance(floor: ShopFloor, events: readonly FloorEvent[]): ShopFloor {
  return {
    feed: newest(floor.feed, events, FEED_LENGTH),
    bills: newest(floor.bills, events.filter(isBillPassed), BILLS_LISTED),
    deadLetters: newest(floor.deadLetters, events.filter(isDeadLetter), DEAD_LETTERS_LISTED),
    baskets: foldOpenBaskets(floor.baskets, events),
    workers: foldWorkerShares(floor.workers, events),
    activity: foldActivity(floor.activity, events),
    totals: foldTotals(floor.totals, events),
  };
}

function isBillPassed(event: FloorEvent): event is BillPassed {
  return event.kind === 'bill';
}

function isDeadLetter(event: FloorEvent): event is DeadLetter {
  return event.kind === 'dead letter';
}
