const ISO_8601 =
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Whether a text is a point in time as senders in other languages write it (ISO 8601): the zone is optional, as in Python's
 * `utcnow().isoformat()`, and there may be up to nine decimals. The text itself is kept verbatim.
 */
export function isTimestamp(text: string): boolean {
  if (!ISO_8601.test(text)) return false;
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (month < 1 || month > 12 || day < 1) return false;
  // Stryker disable next-line ConditionalExpression,EqualityOperator: each month has 28 days; only faster
  if (day > 28 && day > daysIn(Number(text.slice(0, 4)), month)) return false;
  // A minute may have a leap second (ISO 8601 4.2.1).
  const second = text[16] === ':' ? twoDigits(text, 17) : 0;
  return twoDigits(text, 11) <= 23 && twoDigits(text, 14) <= 59 && second <= 60;
}

/** In this form the digits are always in the same places. */
function twoDigits(text: string, at: number): number {
  return 10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO;
}

const ZERO = '0'.charCodeAt(0);

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
