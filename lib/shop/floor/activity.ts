import type { PassedEvent } from './floor-event.js';

/** How much happened in one second. */
export interface Activity {
  /** Seconds since 1970. */
  readonly second: number;
  readonly events: number;
}

const SECONDS_REMEMBERED = 60;

/** The latest sixty seconds in which something happened, in order of time. */
export function foldActivity(before: readonly Activity[], events: readonly PassedEvent[]): readonly Activity[] {
  if (events.length === 0) return before;
  const counts = new Map(before.map(({ second, events }) => [second, events]));
  for (const { at } of events) {
    const second = Math.floor(at / 1000);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }
  return [...counts]
    .map(([second, events]) => ({ second, events }))
    .sort((one, other) => one.second - other.second)
    .slice(-SECONDS_REMEMBERED);
}
