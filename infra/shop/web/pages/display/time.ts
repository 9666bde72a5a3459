import { instantOf } from '../../../../../lib/shop/domain/instant.js';

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The time of day; with the date where it was another day. */
export function clock(instant: number, now: number = Date.now()): string {
  const sameDay = new Date(instant).toDateString() === new Date(now).toDateString();
  return sameDay ? CLOCK.format(instant) : `${DAY.format(instant)}, ${CLOCK.format(instant)}`;
}

const PRECISE = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** The time of day to the millisecond, for what is of today. */
export function preciseClock(instant: number): string {
  return PRECISE.format(instant);
}

/** A sender's timestamp as a time of day; where it means none, as it is. */
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

/** How long ago, in the largest unit that fits. Senders' clocks may be ahead: then it is just now. */
export function ageOf(timestamp: string, now: number): string {
  const instant = instantOf(timestamp);
  if (instant === undefined) return 'unknown';
  const seconds = Math.max(0, Math.floor((now - instant) / 1000));
  const unit = UNITS.find((each) => seconds >= each.seconds);
  return unit === undefined ? JUST_NOW : `${Math.floor(seconds / unit.seconds)} ${unit.name}`;
}
