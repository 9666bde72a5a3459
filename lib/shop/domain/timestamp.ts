const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Whether a text is a point in time as senders in other languages write it (ISO 8601): the zone is optional, as in
 * Python's `utcnow().isoformat()`, and there may be up to nine decimals. The text itself is kept, never rewritten.
 */
export function isTimestamp(text: string): boolean {
  const match = ISO_8601.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1) return false;
  // Stryker disable next-line ConditionalExpression,EqualityOperator: each month has 28 days; only faster
  if (day > 28 && day > daysIn(year, month)) return false;
  // A minute may have a leap second (ISO 8601 4.2.1).
  return hour <= 23 && minute <= 59 && second <= 60;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
