const COUNT = new Intl.NumberFormat('en');

export function count(number: number): string {
  return COUNT.format(number);
}

/** A count of something with a regular plural. */
export function counted(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** A rate per second, with one decimal if that is significant. */
export function rate(perSecond: number): string {
  return `${COUNT.format(perSecond < 10 ? Math.round(perSecond * 10) / 10 : Math.round(perSecond))}/s`;
}

/** A count that is not kept beyond its limit. */
export function countUpTo(number: number, limit: number): string {
  return number < limit ? count(number) : `${count(limit)}+`;
}

const MILLISECONDS = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

export function milliseconds(ms: number): string {
  return `${MILLISECONDS.format(Math.round(ms * 1000) / 1000)} ms`;
}
