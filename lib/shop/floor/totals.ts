import Big from 'big.js';
import type { PassedEvent } from './floor-event.js';

/** What has happened since the beginning of the streams, which keep the latest only. */
export interface Totals {
  /** The time of the first alert or bill counted, in milliseconds since 1970. */
  readonly since?: number;
  /** The time of the first refused event counted. */
  readonly refusedSince?: number;
  readonly pickUps: number;
  readonly purchases: number;
  readonly bills: number;
  readonly revenue: number;
  readonly deadLetters: number;
}

export const NOTHING_YET: Totals = { pickUps: 0, purchases: 0, bills: 0, revenue: 0, deadLetters: 0 };

export function foldTotals(before: Totals, events: readonly PassedEvent[]): Totals {
  const totals: { -readonly [Name in keyof Totals]: Totals[Name] } = { ...before };
  let revenue = new Big(before.revenue);
  for (const event of events) {
    if (event.kind === 'dead letter') totals.refusedSince ??= event.at;
    else if (event.kind !== 'unreadable') totals.since ??= event.at;
    switch (event.kind) {
      case 'alert':
        if (event.event.type === 'pick up') totals.pickUps++;
        else totals.purchases++;
        break;
      case 'bill':
        totals.bills++;
        // Exact, because binary sums drift by cents after a long day.
        revenue = revenue.plus(event.bill.cost);
        break;
      case 'dead letter':
        totals.deadLetters++;
        break;
      case 'unreadable':
        break;
    }
  }
  return { ...totals, revenue: revenue.toNumber() };
}
