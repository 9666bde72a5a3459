import { type Activity, foldActivity } from './activity.js';
import type { BillPassed, FloorEvent, InvocationPassed, PassedEvent, RefusedEvent, Removed } from './floor-event.js';
import { newest } from './newest.js';
import { foldOpenBaskets, type OpenBasket } from './open-baskets.js';
import { foldTotals, NOTHING_YET, type Totals } from './totals.js';
import { foldWorkerShares, type WorkerShare } from './worker-shares.js';

/** Everything that a person who runs the shop sees. Plain JSON, and bounded however long the shop is open. */
export interface ShopFloor {
  /** Newest first, as are bills and dead letters. */
  readonly feed: readonly PassedEvent[];
  readonly bills: readonly BillPassed[];
  readonly deadLetters: readonly RefusedEvent[];
  readonly baskets: readonly OpenBasket[];
  readonly workers: readonly WorkerShare[];
  readonly activity: readonly Activity[];
  readonly totals: Totals;
  /** Newest first. */
  readonly invocations: readonly InvocationPassed[];
}

const FEED_LENGTH = 200;
const BILLS_LISTED = 100;
const DEAD_LETTERS_LISTED = 100;
const INVOCATIONS_LISTED = 100;

export const EMPTY_FLOOR: ShopFloor = {
  feed: [],
  bills: [],
  deadLetters: [],
  baskets: [],
  workers: [],
  activity: [],
  totals: NOTHING_YET,
  invocations: [],
};

/** The shop floor after some more events. Server and page both fold with it, so the page needs only new events. */
export function advance(floor: ShopFloor, events: readonly FloorEvent[]): ShopFloor {
  const passed = events.filter(isPassed);
  return {
    feed: newest(floor.feed, passed, FEED_LENGTH),
    bills: newest(floor.bills, passed.filter(isBillPassed), BILLS_LISTED),
    deadLetters: foldDeadLetters(floor.deadLetters, events),
    baskets: foldOpenBaskets(floor.baskets, passed),
    workers: foldWorkerShares(floor.workers, passed),
    activity: foldActivity(floor.activity, passed),
    totals: foldTotals(floor.totals, passed),
    invocations: newest(floor.invocations, events.filter(isInvoked), INVOCATIONS_LISTED),
  };
}

/** What was taken out stays in the list, with its outcome. */
function foldDeadLetters(before: readonly RefusedEvent[], events: readonly FloorEvent[]): readonly RefusedEvent[] {
  let letters = before;
  for (const event of events) {
    if (event.kind === 'dead letter') letters = newest(letters, [event], DEAD_LETTERS_LISTED);
    if (event.kind === 'removed') letters = letters.map((letter) => withFate(letter, event));
  }
  return letters;
}

function withFate(letter: RefusedEvent, { id, at, fate, by }: Removed): RefusedEvent {
  return letter.id === id ? { ...letter, removed: { at, fate, ...(by !== undefined && { by }) } } : letter;
}

function isPassed(event: FloorEvent): event is PassedEvent {
  return event.kind !== 'removed' && event.kind !== 'invocation';
}

function isInvoked(event: FloorEvent): event is InvocationPassed {
  return event.kind === 'invocation';
}

function isBillPassed(event: FloorEvent): event is BillPassed {
  return event.kind === 'bill';
}
