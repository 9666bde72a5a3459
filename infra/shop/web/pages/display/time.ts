import { instantOf } from '../../../../../lib/shop/domain/instant.js';

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

const PRECISE = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

const SHORT = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** The start of a count, as part of a sentence; empty if nothing is counted. */
export function sinceOf(instant: number | undefined, now: number = Date.now()): string {
  if (instant === undefined) return '';
  const sameDay = new Date(instant).toDateString() === new Date(now).toDateString();
  return `since ${sameDay ? '' : `${DAY.format(instant)}, `}${SHORT.format(instant)}`;
}

/** The time of day; with the date if it was another day. */
export function clock(instant: number, now: number = Date.now()): string {
  const sameDay = new Date(instant).toDateString() === new Date(now).toDateString();
  const time = CLOCK.format(instant);
  return sameDay ? time : `${DAY.format(instant)}, ${time}`;
}

/** The milliseconds: `.042`. */
export function millisecondsOf(instant: number): string {
  return `.${String(Math.floor(instant) % 1000).padStart(3, '0')}`;
}

/** The seconds that several instants share; for these, milliseconds tell them apart. */
export function sharedSeconds(instants: readonly number[]): ReadonlySet<number> {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const second of instants.map(secondOf)) (seen.has(second) ? shared : seen).add(second);
  return shared;
}

export function secondOf(instant: number): number {
  return Math.floor(instant / 1000);
}

/** By the displayed time, newest first. */
export function newestFirst<Item extends { readonly at: number }>(items: readonly Item[]): Item[] {
  return items.toSorted((one, other) => other.at - one.at);
}

/** The time of day to the millisecond, for something that happened today. */
export function preciseClock(instant: number): string {
  return PRECISE.format(instant);
}

/** A sender's timestamp as a time of day; as it is if it is not a valid time. */
export function clockOf(timestamp: string): string {
  const instant = instantOf(timestamp);
  return instant === undefined ? timestamp : clock(instant);
}

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
] as const;

/** The same as part of a sentence. */
export function agoOf(timestamp: string, now: number): string {
  const age = ageOf(timestamp, now);
  return age === JUST_NOW ? age : `${age} ago`;
}

const JUST_NOW = 'just now';

/** How long ago, in the largest unit that fits. Senders' clocks may be ahead; then it is just now. */
export function ageOf(timestamp: string, now: number): string {
  const instant = instantOf(timestamp);
  if (instant === undefined) return 'unknown';
  const seconds = Math.max(0, Math.floor((now - instant) / 1000));
  const unit = UNITS.find((each) => seconds >= each.seconds);
  return unit === undefined ? JUST_NOW : `${Math.floor(seconds / unit.seconds)} ${unit.name}`;
}
