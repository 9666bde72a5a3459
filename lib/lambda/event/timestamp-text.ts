const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Seconds since 1970 as `"Jan 1, 1970, 12:33:41 AM"`, in UTC. Formatted by hand, because newer ICU data puts a narrow no-break
 * space before AM. A second that a Date cannot hold gives `null`.
 */
export function formatTimestamp(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const hour = date.getUTCHours();
  const time = [hour % 12 || 12, twoDigits(date.getUTCMinutes()), twoDigits(date.getUTCSeconds())].join(':');
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return `${day}, ${time} ${hour < 12 ? 'AM' : 'PM'}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** The narrow no-break space is what newer versions of Java write. */
const FORM = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4,6}), (\d{1,2}):(\d{2}):(\d{2})[ \u202f]([AP]M)$/;

/** Seconds since 1970; undefined for a missing text, and for any other form. */
export function parseTimestamp(text: string | null): number | undefined {
  const [, month = '', day, year, hour, minute, second, half] = FORM.exec(text ?? '') ?? [];
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex === -1) return undefined;
  const hours = (Number(hour) % 12) + (half === 'PM' ? 12 : 0);
  const date = new Date(Date.UTC(2000, monthIndex, Number(day), hours, Number(minute), Number(second)));
  // Date.UTC interprets the years 0 to 99 as those of the 20th century.
  date.setUTCFullYear(Number(year), monthIndex, Number(day));
  return date.getTime() / 1000;
}
