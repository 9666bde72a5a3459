import { describe, expect, it } from 'vitest';
import { instantOf } from '../../../../../lib/shop/domain/instant.js';

describe('the instant that a timestamp means', () => {
  it.each([
    ['2026-01-05T12:00:00Z', '2026-01-05T12:00:00.000Z'],
    ['2026-01-05T12:00:00.123456', '2026-01-05T12:00:00.123Z'],
    ['2026-01-05 12:00', '2026-01-05T12:00:00.000Z'],
    ['2026-01-05T12:00:00,5+01', '2026-01-05T11:00:00.500Z'],
    ['2026-01-05T12:00:00-0530', '2026-01-05T17:30:00.000Z'],
    ['2026-01-05T12:00:00+02:00:30', '2026-01-05T10:00:00.000Z'],
    ['2026-12-31T23:59:60Z', '2026-12-31T23:59:59.000Z'],
  ])('%s', (timestamp, instant) => {
    expect(new Date(instantOf(timestamp) ?? Number.NaN).toISOString()).toBe(instant);
  });

  it('is in UTC where no zone is given, wherever we are: in New York, by the configuration', () => {
    expect(new Date('2026-01-05T12:00:00').toISOString()).toBe('2026-01-05T17:00:00.000Z');
    expect(instantOf('2026-01-05T12:00:00')).toBe(Date.parse('2026-01-05T12:00:00Z'));
  });

  it('is none for text that is not a time', () => {
    expect(instantOf('yesterday')).toBeUndefined();
  });
});
