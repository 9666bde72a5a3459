/** Date, time, fraction and zone of a text that `isTimestamp` accepts. */
const PARTS = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2}))?(?:[.,](\d{1,9}))?(.*)$/i;
const ZONE = /^([+-]\d{2})(?::?(\d{2}))?/;

/**
 * The point in time of a sender's timestamp, in milliseconds since 1970; undefined if it is not a valid one. Without a zone it is
 * UTC, because Python's `utcnow().isoformat()` omits it. For ages and displays only.
 */
export function instantOf(timestamp: string): number | undefined {
  const parts = PARTS.exec(timestamp);
  if (parts === null) return undefined;
  // Stryker disable next-line StringLiteral: the pattern always finds a zone, if an empty one
  const [, date, minute, second = '00', fraction = '', zone = ''] = parts;
  // A Date has no leap seconds.
  const wholeSecond = second === '60' ? '59' : second;
  // Stryker disable next-line MethodExpression,StringLiteral: V8 reads any number of decimals, but ECMAScript only promises three
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const instant = Date.parse(`${date}T${minute}:${wholeSecond}.${milliseconds}${zoneOf(zone)}`);
  return Number.isNaN(instant) ? undefined : instant;
}

function zoneOf(text: string): string {
  const offset = ZONE.exec(text);
  return offset === null ? 'Z' : `${offset[1]}:${offset[2] ?? '00'}`;
}
